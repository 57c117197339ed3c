// SPDX-License-Identifier: Apache-2.0
// The floor of the ingest benchmark: the same HTTP library with the same settings, reading the body
// and answering 202, nothing else. Usage: echo_server PORT THREADS
#include <httplib.h>

#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int port = std::atoi(argv[1]);  // NOLINT(cert-err34-c): a benchmark's own argument
  const auto threads = static_cast<std::size_t>(std::atoi(argv[2]));  // NOLINT(cert-err34-c)
  httplib::Server server;
  server.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1000000);
  server.Post("/api/events", [](const httplib::Request& request, httplib::Response& response) {
    response.status = 202;
    response.set_content("{\"accepted\":" + std::to_string(request.body.size()) + "}",
                         "application/json");
  });
  return server.listen("127.0.0.1", port) ? 0 : 1;
}
