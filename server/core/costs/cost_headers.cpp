// SPDX-License-Identifier: Apache-2.0
#include "server/core/costs/cost_headers.hpp"

#include "throughline/text.hpp"

namespace tl::server {
namespace {

using F = CostField;

constexpr std::string_view kCampaignIdWords =
    "campaign id|campaignid|kampagnen-id|id de la campagne|id de campagne|id de campaña|"
    "identificador de la campaña|id kampaně|id campagna|id della campagna|id da campanha|"
    "campagne-id";
constexpr std::string_view kImpressionWords =
    "impressions|impr.|impressionen|impresiones|zobrazení|zobr.|imprese|impression|impressioni|"
    "impressões|weergaven|vertoningen|vert.";

constexpr CostHeader kMeta[] = {
    {F::day,
     "day|tag|jour|día|den|giorno|dia|dag|reporting starts|berichtsbeginn|beginn des berichts|"
     "anfang des berichtszeitraums|début des rapports|inicio del informe|začátek hlášení|"
     "začátek vykazování|inizio dei report|inizio report|início dos relatórios|"
     "begin rapportage|start rapportage"},
    {F::last_day,
     "reporting ends|berichtsende|ende des berichts|ende des berichtszeitraums|fin des rapports|"
     "fin del informe|konec hlášení|konec vykazování|fine dei report|fine report|"
     "término dos relatórios|fim dos relatórios|einde rapportage"},
    {F::campaign,
     "campaign name|kampagnenname|name der kampagne|nom de la campagne|nombre de la campaña|"
     "název kampaně|nome della campagna|nome da campanha|naam campagne|campagnenaam"},
    {F::campaign_id, kCampaignIdWords},
    {F::amount,
     "amount spent|ausgegebener betrag|montant dépensé|importe gastado|utracená částka|"
     "vynaložená částka|importo speso|valor usado|valor gasto|montante gasto|besteed bedrag"},
    {F::currency, "currency|währung|devise|divisa|moneda|měna|valuta|moeda"},
    {F::clicks,
     "link clicks|link-klicks|clics sur un lien|clics sur le lien|clics en el enlace|"
     "kliknutí na odkaz|clic sul link|cliques no link|cliques na ligação|klikken op link|"
     "clicks (all)|klicks (alle)|clics (tous)|clics (todos)|kliknutí (všechna)|clic (tutti)|"
     "cliques (todos)|klikken (alle)"},
    {F::impressions, kImpressionWords}};

constexpr CostHeader kMicrosoft[] = {
    {F::day,
     "gregorian date|time period|timeperiod|gregorianisches datum|datum (gregorianisch)|zeitraum|"
     "date grégorienne|période|fecha gregoriana|período de tiempo|gregoriánské datum|"
     "časové období|data gregoriana|periodo di tempo|período de tempo|gregoriaanse datum|"
     "tijdsperiode"},
    {F::campaign,
     "campaign name|campaignname|campaign|kampagnenname|kampagne|nom de la campagne|campagne|"
     "nombre de la campaña|nombre de campaña|campaña|název kampaně|kampaň|nome campagna|"
     "nome della campagna|campagna|nome da campanha|campanha|campagnenaam"},
    {F::campaign_id, kCampaignIdWords},
    {F::campaign_type,
     "campaign type|campaigntype|kampagnentyp|type de campagne|tipo de campaña|typ kampaně|"
     "tipo di campagna|tipo campagna|tipo de campanha|campagnetype"},
    {F::amount,
     "spend|ausgaben|dépenses|dépense|gasto|inversión|útrata|výdaje|spesa|gastos|uitgaven|"
     "besteding"},
    {F::currency,
     "currency code|currencycode|währungscode|code de devise|code devise|código de moneda|"
     "kód měny|codice valuta|código da moeda|código de moeda|valutacode"},
    {F::clicks, "clicks|klicks|clics|kliknutí|clic|cliques|klikken"},
    {F::impressions, kImpressionWords}};

constexpr CostHeader kTiktok[] = {
    {F::day,
     "by day|date|nach tag|datum|par jour|por día|fecha|podle dne|per giorno|data|por dia|per dag"},
    {F::campaign,
     "campaign name|kampagnenname|name der kampagne|nom de la campagne|nombre de la campaña|"
     "nombre de campaña|název kampaně|nome della campagna|nome campagna|nome da campanha|"
     "campagnenaam|naam campagne"},
    {F::campaign_id, kCampaignIdWords},
    {F::amount,
     "cost|total cost|kosten|gesamtkosten|coût|coût total|coste|costo|coste total|costo total|"
     "náklady|celkové náklady|costo totale|custo|custo total|totale kosten"},
    {F::currency, "currency|währung|devise|moneda|divisa|měna|valuta|moeda"},
    {F::clicks,
     "clicks (destination)|klicks (ziel)|clics (destination)|clics (destino)|kliknutí (cíl)|"
     "clic (destinazione)|cliques (destino)|klikken (bestemming)|clicks|clicks (all)|klicks|"
     "clics|kliknutí|clic|cliques|klikken"},
    {F::impressions, kImpressionWords}};

constexpr CostHeader kGoogle[] = {
    {F::day, "day|tag|jour|día|den|giorno|dia|dag"},
    {F::campaign, "campaign|kampagne|campagne|campaña|kampaň|campagna|campanha"},
    {F::campaign_id, kCampaignIdWords},
    {F::campaign_type,
     "campaign type|advertising channel type|kampagnentyp|type de campagne|tipo de campaña|"
     "typ kampaně|tipo di campagna|tipo de campanha|campagnetype"},
    {F::amount, "cost|kosten|coût|coste|costo|cena|náklady|custo"},
    {F::currency,
     "currency code|currency|währungscode|währung|code de devise|code de la devise|devise|"
     "código de moneda|código de la moneda|moneda|kód měny|měna|codice valuta|valuta|"
     "código da moeda|código de moeda|moeda|valutacode"},
    {F::clicks, "clicks|klicks|clics|kliknutí|prokliky|clic|cliques|klikken"},
    {F::impressions, kImpressionWords}};

constexpr CostHeader kPlain[] = {
    {F::day, "day"},           {F::channel, "channel"},         {F::source, "source"},
    {F::campaign, "campaign"}, {F::campaign_id, "campaign_id"}, {F::amount, "amount"},
    {F::currency, "currency"}, {F::clicks, "clicks"},           {F::impressions, "impressions"}};

constexpr CostPlatform kPlatforms[] = {
    {"meta_ads", "facebook", Channel::paid_social, F::amount, "", kMeta},
    {"microsoft_ads", "bing", Channel::paid_search, F::amount,
     "gregorian date|time period|timeperiod", kMicrosoft},
    {"tiktok_ads", "tiktok", Channel::paid_social, F::day, "", kTiktok},
    {"google_ads", "google", Channel::paid_search, F::amount, "", kGoogle},
    {"plain", "", Channel::unknown, F::amount, "", kPlain}};

struct CampaignType {
  Channel channel;
  std::string_view words;
};
constexpr CampaignType kCampaignTypes[] = {
    {Channel::paid_search,
     "search|search & content|dynamic search ads|suche|suchnetzwerk|recherche|réseau de recherche|"
     "búsqueda|red de búsqueda|vyhledávání|vyhledávací síť|ricerca|rete di ricerca|pesquisa|"
     "rede de pesquisa|zoeken|zoeknetwerk"},
    {Channel::display,
     "display|audience|displaynetzwerk|zielgruppe|réseau display|audiencia|obsahová síť|"
     "rete display|rede de display|displaynetwerk|doelgroep"},
    {Channel::paid_video, "video|vidéo|vídeo"},
    {Channel::paid_shopping, "shopping|nákupy|achats|compras"},
    {Channel::cross_network,
     "performance max|demand gen|discovery|app|smart|universal app|local|smart shopping"}};

}  // namespace

std::string_view CostPlatform::words_of(CostField field) const {
  for (const auto& header : headers)
    if (header.field == field) return header.words;
  return {};
}

std::span<const CostPlatform> cost_platforms() {
  return kPlatforms;
}

std::string_view cost_total_words() {
  return "total|totals|gesamt|gesamtzahl|insgesamt|summe|totaux|totales|celkem|celkový|celkové|"
         "totale|totali|totais|totaal";
}

std::optional<Channel> channel_of_campaign_type(std::string_view type) {
  for (const auto& known : kCampaignTypes)
    if (find_word(known.words, type) >= 0) return known.channel;
  return std::nullopt;
}

}  // namespace tl::server
