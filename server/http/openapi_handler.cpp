// SPDX-License-Identifier: Apache-2.0
// Parameters come from the patterns, limits and CORS from the routes; every answer may be an error
// of the one common form.

#include "server/http/openapi_handler.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string_view>

extern "C" const unsigned char tl_openapi_bodies[];
extern "C" const std::size_t tl_openapi_bodies_size;

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

const OrderedJson& bodies() {
  static const OrderedJson parsed = OrderedJson::parse(
      std::string_view(reinterpret_cast<const char*>(tl_openapi_bodies), tl_openapi_bodies_size),
      nullptr, false);
  return parsed;
}

OrderedJson path_parameters(std::string_view pattern) {
  OrderedJson parameters = OrderedJson::array();
  for (auto open = pattern.find('{'); open != std::string_view::npos;
       open = pattern.find('{', open + 1)) {
    const auto name = pattern.substr(open + 1, pattern.find('}', open) - open - 1);
    parameters.push_back(
        {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  return parameters;
}

OrderedJson needing(const char* scheme, std::string_view what) {
  return {{scheme, OrderedJson::array({what})}};
}

// The key and the role that open a route, by the scope that its handler asks for
// (authorisation.hpp).
OrderedJson security_of(std::string_view scope) {
  const std::string_view key = scope == "manage" ? "write" : scope;
  OrderedJson security = OrderedJson::array({needing("secretKey", key)});
  if (scope == "write") return security;
  const std::string_view role = scope == "read"     ? "viewer"
                                : scope == "manage" ? "analyst"
                                                    : "owner";
  security.push_back(needing("dashboardLogin", role));
  return security;
}

std::string lower_method(std::string method) {
  for (auto& c : method) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return method;
}

OrderedJson error_content() {
  return {{"application/json", {{"schema", {{"$ref", "#/components/schemas/Error"}}}}}};
}

OrderedJson operation(const Route& route) {
  OrderedJson made = {{"summary", route.summary}};
  auto parameters = path_parameters(route.pattern);
  const auto described = bodies().find(route.method + " " + route.pattern);
  std::string status = "200";
  OrderedJson answer = {{"description", "Done."}};
  if (described != bodies().end()) {
    for (const auto& query : described->value("query", OrderedJson::array()))
      parameters.push_back({{"name", query}, {"in", "query"}, {"schema", {{"type", "string"}}}});
    if (const auto scope = described->find("scope"); scope != described->end())
      made["security"] = security_of(scope->get<std::string>());
    if (described->contains("cookie"))
      made["security"] = OrderedJson::array({{{"dashboardLogin", OrderedJson::array()}}});
    if (const auto text = described->find("description"); text != described->end())
      made["description"] = *text;
    if (const auto request = described->find("request"); request != described->end()) {
      OrderedJson content = {{"application/json", {{"schema", *request}}}};
      if (described->contains("forms"))
        for (const char* type : {"application/x-www-form-urlencoded", "multipart/form-data"})
          content[type] = {{"schema", *request}};
      // The same body under another name, or another body of the same facts.
      for (const auto& type : described->value("texts", OrderedJson::array()))
        content[type.get<std::string>()] = {
            {"schema", type == "text/plain" ? *request : OrderedJson{{"type", "string"}}}};
      made["requestBody"] = {
          {"required", true},
          {"description", "At most " + std::to_string(route.max_body) + " bytes."},
          {"content", std::move(content)}};
    }
    status = described->value("status", status);
    if (const auto body = described->find("answer"); body != described->end())
      answer["content"] = {{"application/json", {{"schema", *body}}}};
  }
  if (!parameters.empty()) made["parameters"] = parameters;
  OrderedJson responses = {{status, answer}};
  if (described != bodies().end()) {
    if (described->contains("again")) {
      answer["description"] = "Known already; nothing is done twice.";
      responses[described->at("again").get<std::string>()] = answer;
    }
    const auto also = described->value("also", OrderedJson::object());
    for (const auto& [other, meaning] : also.items()) {
      responses[other] = {{"description", meaning}};
      if (other >= "400") responses[other]["content"] = error_content();
    }
  }
  responses["default"] = {{"$ref", "#/components/responses/Error"}};
  made["responses"] = std::move(responses);
  return made;
}

}  // namespace

std::vector<std::string> described_routes() {
  std::vector<std::string> names;
  for (const auto& [name, body] : bodies().items())
    if (name != "schemas") names.push_back(name);
  return names;
}

std::string openapi_document(const std::vector<Route>& routes) {
  OrderedJson paths = OrderedJson::object();
  for (const auto& route : routes)
    paths[route.pattern][lower_method(route.method)] = operation(route);
  const OrderedJson error = {
      {"type", "object"},
      {"required", {"error"}},
      {"properties",
       {{"error",
         {{"type", "object"},
          {"required", {"code", "message"}},
          {"properties",
           {{"code", {{"type", "string"}, {"description", "Stable; listed in docs/errors.md."}}},
            {"message", {{"type", "string"}}}}}}}}}};
  OrderedJson schemas = bodies().value("schemas", OrderedJson::object());
  schemas["Error"] = error;
  const OrderedJson document = {
      {"openapi", "3.1.0"},
      {"info", {{"title", "Throughline"}, {"version", "1"}, {"license", {{"name", "Apache-2.0"}}}}},
      {"paths", paths},
      {"components",
       {{"schemas", schemas},
        {"securitySchemes",
         {{"secretKey",
           {{"type", "http"}, {"scheme", "bearer"}, {"description", "throughline key add"}}},
          {"dashboardLogin",
           {{"type", "apiKey"},
            {"in", "cookie"},
            {"name", "tl_dashboard"},
            {"description",
             "POST /api/login; name the site in the query; everything but a GET needs "
             "X-CSRF-Token"}}}}},
        {"responses",
         {{"Error",
           {{"description", "What is wrong, where, and what to do."},
            {"content", error_content()}}}}}}}};
  return document.dump();
}

Route openapi_route(const std::vector<Route>& routes) {
  Route route;
  route.method = "GET";
  route.pattern = "/openapi.json";
  route.summary = "This description";
  auto all = routes;
  all.push_back(route);
  route.handler = [document = openapi_document(all)](const Request&) {
    return Reply::json(200, document);
  };
  return route;
}

}  // namespace tl::server::http
