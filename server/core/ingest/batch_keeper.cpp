// SPDX-License-Identifier: Apache-2.0
// Order of work: an event counts only if it is new, so everything derived from it (session counts,
// rollups, deliveries, conversions) happens once however often the batch is sent.

#include "server/core/ingest/batch_keeper.hpp"

#include "server/core/attribution/late_evidence.hpp"
#include "server/core/attribution/milestones.hpp"
#include "server/core/ingest/consent_change.hpp"
#include "server/core/ingest/late_click_ids.hpp"
#include "server/core/ingest/reject_text.hpp"
#include "server/core/ingest/said_choices.hpp"
#include "server/core/ingest/session_context_merge.hpp"
#include "server/core/ingest/withheld_click_ids.hpp"
#include "server/core/outbox/delivery_consent.hpp"
#include "server/core/outbox/event_outbox.hpp"
#include "server/core/reports/local_day.hpp"
#include "server/core/reports/visitor_sketch.hpp"

#include <algorithm>

namespace tl::server {
namespace {

Outcome<bool> insert_rows(Tables& tables, const EventRow& event,
                          const std::optional<TouchRow>& touch) {
  TL_TRY(is_new, tables.events().insert_event(event));
  if (is_new && touch) TL_CHECK(tables.events().insert_touch(*touch));
  return is_new;
}

// The event came after marketing was taken back, whatever it says itself.
bool is_marketing_taken_back(const VerifiedEvent& verified, const Consent& consent) {
  return permits_marketing(verified.consent) && !permits_marketing(consent);
}

// As a page without that consent would have sent it.
TouchRow withheld_touch(const VerifiedEvent& verified) {
  TouchRow touch = *verified.touch;
  withhold_click_ids(touch);
  if (verified.is_campaign_of_click) touch.campaign.clear();
  return touch;
}

// A page that waited for an answer tells events of before it.
std::int64_t chosen_ms_of(const VerifiedEvent& verified) {
  return std::max(verified.event.t_ms, verified.chosen.at_ms);
}

// What the page's events came with: a yes, a first one or one to marketing again, or a no, which no
// banner may ever tell: an attribute, a server.
ConsentReceipt receipt_of_page(const SiteConfig& site, std::string_view event, const Id128& visitor,
                               const Consent& said, std::int64_t t_ms) {
  FieldHash id("tl-stated-receipt");
  id.add(site.id).add(visitor);
  if (event != kStatedReceipt) id.add(event);
  ConsentReceipt receipt;
  receipt.t_ms = t_ms;
  receipt.id = uuid_v7(receipt.t_ms, id.finish());
  receipt.anonymous_id = visitor;
  receipt.event = event;
  receipt.consent = said;
  receipt.platform = "page";
  return receipt;
}

// As said_after_ms(); nothing where either is not known by the browser's clock.
std::optional<std::int64_t> after_record_ms(const ChoiceTime& chosen, const ConsentRecord& record,
                                            const Sender& sender) {
  if (chosen.said_ms == 0 || record.said_ms == 0) return std::nullopt;
  return said_after_ms({chosen.said_ms, chosen.said_ms + chosen.waited_ms, sender.received_ms},
                       record);
}

}  // namespace

Outcome<void> BatchKeeper::keep(Tables& tables) {
  parts_.clear();
  counts_ = {};
  visitor_.reset();
  session_.reset();
  counts_.consent_refused = verified_.consent_refused;
  counts_.duplicate = verified_.duplicate_pings;
  for (const AnonEvent& event : verified_.anonymous) {
    TL_CHECK(tables.events().insert_anon_event(site_.id, event));
    counts_.accepted += 1;
  }
  for (const VerifiedEvent& verified : verified_.events) TL_CHECK(keep_event(tables, verified));
  TL_CHECK(keep_sessions(tables));
  for (const StatedRefusal& refusal : verified_.refusals) TL_CHECK(withdraw(tables, refusal));
  TL_CHECK(keep_refused(tables));
  return count_input(tables);
}

// Whether the sender's token speaks for an id: its own, or one that is linked to it.
Outcome<bool> BatchKeeper::holds(Tables& tables, const Id128& id) {
  if (token_ == nullptr) return false;
  if (token_->anonymous_id == id) return true;
  TL_TRY(linked, tables.events().linked_ids(site_.id, token_->anonymous_id));
  return std::find(linked.begin(), linked.end(), id) != linked.end();
}

// Finds out how the sender of an event stands to its visitor. Anybody may say an id; proof is the
// visitor's own token, an id that follows from the page's own nonce, or an id that nobody had.
Outcome<void> BatchKeeper::meet(Tables& tables, const VerifiedEvent& verified) {
  const EventRow& event = verified.event;
  const Id128& id = event.anonymous_id;
  if (visitor_ != id) {
    TL_TRY(consent, tables.people().find_consent(site_.id, id));
    stored_consent_ = consent;
    TL_TRY(is_visitor, is_sender(tables, id));
    is_visitor_ = is_visitor;
  } else if (session_ == event.session_id) {
    return {};
  }
  visitor_ = id;
  session_ = event.session_id;
  if (const Part* part = find_part(event.session_id)) {
    owner_ = part->row.anonymous_id;
  } else {
    TL_TRY(owner, tables.events().visitor_of_session(site_.id, event.session_id));
    owner_ = owner.value_or(id);
  }
  owns_session_ = owner_ == id;
  if (owns_session_) return {};
  TL_TRY(has_other, holds(tables, owner_));
  owns_session_ = has_other;
  return {};
}

Outcome<bool> BatchKeeper::is_sender(Tables& tables, const Id128& id) {
  for (const VerifiedEvent& other : verified_.events)
    if (other.is_new_visitor && other.event.anonymous_id == id) return true;
  // A page that was left before its answer came: its nonce is still the visitor's alone.
  const auto& nonce = batch_.first_nonce;
  if (nonce && derive_anonymous_id(site_.id, *nonce, id.time_ms()) == id) return true;
  TL_TRY(has_token, holds(tables, id));
  if (has_token) return true;
  if (stored_consent_) return false;
  TL_TRY(is_known, tables.events().has_sessions(site_.id, id));
  return !is_known;
}

// Whether the event's yes was certainly said after what is on record, by that visitor. Told late,
// an event looks newer than it is by its time on the way, so its corrected time proves nothing. Two
// times of the browser's own clock do; and where one is missing, that the token was issued after
// the record, by more than the event waited for its sending. Told again it says nothing, unless
// with a later yes. Without a time of its yes it says what its tab knows, which may be of before a
// no that was told as a choice.
Outcome<bool> BatchKeeper::may_loosen(Tables& tables, const VerifiedEvent& verified) {
  const EventRow& event = verified.event;
  if (!is_proven(event)) return false;
  const auto after_ms = after_record_ms(verified.chosen, *stored_consent_, sender_);
  const bool is_later = after_ms
                            ? *after_ms > 0
                            : token_ != nullptr && token_->issued_ms - verified.chosen.waited_ms >=
                                                       stored_consent_->t_ms;
  if (!is_later || verified.chosen.said_ms > event.raw_t_ms) return is_later;
  TL_TRY(is_refused, has_refused_marketing(tables, site_.id, event.anonymous_id));
  if (is_refused) return false;
  TL_TRY(known, tables.events().find_event(site_.id, event.session_id, event.id));
  return !known;
}

// A choice that is newer than the event decides: what was queued before a withdrawal and arrives
// after it is not kept. A newer event updates the stored choice, but may loosen it only as above:
// otherwise whoever knows an id, or an event that comes late or twice, could undo a withdrawal. Ids
// that were taken back no event brings back: the browser has forgotten them, and a new yes has new
// ones, or tells /api/consent.
Outcome<bool> BatchKeeper::is_let_in(Tables& tables, const VerifiedEvent& verified) {
  const EventRow& event = verified.event;
  const std::int64_t chosen_ms = chosen_ms_of(verified);
  if (stored_consent_ && !permits_ids(stored_consent_->consent)) return false;
  if (stored_consent_ && stored_consent_->t_ms >= chosen_ms) return true;
  Consent chosen = verified.consent;
  if (stored_consent_ && !batch_.states_choice) {
    // An image makes no choice, but the browser that fetches it may opt out.
    chosen = stored_consent_->consent;
    chosen.opted_out_of_sale |= verified.consent.opted_out_of_sale;
  } else if (stored_consent_) {
    const Consent both = stricter(stored_consent_->consent, chosen);
    if (!(both == chosen)) {
      TL_TRY(is_loosened, may_loosen(tables, verified));
      if (!is_loosened) chosen = both;
    }
  }
  if (stored_consent_ && stored_consent_->consent == chosen) return permits_ids(chosen);
  const bool is_known = stored_consent_.has_value();
  const bool is_tighter =
      is_known && !(stricter(stored_consent_->consent, chosen) == stored_consent_->consent);
  const bool changes_marketing =
      is_known && permits_marketing(chosen) != permits_marketing(stored_consent_->consent);
  // The script tells what it takes back as a choice.
  const bool is_news =
      !is_known || (changes_marketing &&
                    (permits_marketing(chosen) || (batch_.rules_version == 0 && is_proven(event))));
  std::int64_t said_ms = verified.chosen.said_ms;
  if (is_known && after_record_ms(verified.chosen, *stored_consent_, sender_).value_or(0) < 0)
    said_ms = stored_consent_->said_ms;
  stored_consent_ = ConsentRecord{chosen, chosen_ms, said_ms};
  // A withdrawal takes back from sessions that are there: those that came in this batch too.
  if (is_tighter) TL_CHECK(keep_sessions(tables));
  const auto lanes = services_.find_lanes(site_.id);
  if (is_tighter) {
    TL_CHECK(apply_choice(tables, site_, event.anonymous_id, *stored_consent_, *lanes));
  } else if (is_known || !permits_ids(chosen)) {
    TL_CHECK(put_choice(tables, site_, event.anonymous_id, *stored_consent_, *lanes));
  } else {
    TL_CHECK(tables.people().put_consent(site_.id, event.anonymous_id, *stored_consent_));
  }
  if (is_news && batch_.states_choice && verified.said.storage == Choice::granted && !event.is_bot)
    TL_CHECK(tables.people().append_receipt(
        site_.id,
        receipt_of_page(site_, kStatedReceipt, event.anonymous_id, verified.said, chosen_ms)));
  return permits_ids(chosen);
}

// Storage goes back as POST /api/consent would take it: by who proves to be the visitor, unless
// that visitor has said yes since. Who only says the id can take back marketing, as by any event.
// After the batch's events, for what it brings goes with it.
Outcome<void> BatchKeeper::withdraw(Tables& tables, const StatedRefusal& refusal) {
  const auto id = refusal.visitor || !is_visitor_ ? refusal.visitor : visitor_;
  if (!id) return {};
  TL_TRY(record, tables.people().find_consent(site_.id, *id));
  if (!record || !permits_ids(record->consent)) return {};
  const ChoiceTime& chosen = refusal.chosen;
  if (after_record_ms(chosen, *record, sender_).value_or(chosen.at_ms - record->t_ms) < 0)
    return {};
  stored_consent_ = record;
  visitor_.reset();
  TL_TRY(is_sender_of, is_sender(tables, *id));
  ConsentRecord now{refusal.consent, sender_.received_ms, chosen.said_ms};
  if (!is_sender_of && !sender_.has_secret_key) {
    now.consent = record->consent;
    now.consent.marketing = Choice::denied;
    if (now.consent == record->consent) return {};
  } else {
    auto receipt = receipt_of_page(site_, "withdrawn", *id, refusal.said, now.t_ms);
    receipt.t_ms = chosen.at_ms;  // the same may be told again after a yes
    TL_CHECK(tables.people().append_receipt(site_.id, receipt));
    counts_.has_withdrawn = true;
    counts_.newest = nullptr;
  }
  return apply_choice(tables, site_, *id, now, *services_.find_lanes(site_.id));
}

bool BatchKeeper::is_proven(const EventRow& event) const {
  return event.verdict != Verdict::forged && is_visitor_ && owns_session_;
}

Outcome<void> BatchKeeper::find_other_id(Tables& tables, const Id128& id) {
  const auto& cookie = sender_.anonymous_id_cookie;
  counts_.other_id.reset();
  if (!cookie || *cookie == id) return {};
  TL_TRY(chosen, tables.people().find_consent(site_.id, *cookie));
  if (!chosen || permits_ids(chosen->consent)) counts_.other_id = cookie;
  return {};
}

Outcome<void> BatchKeeper::keep_event(Tables& tables, const VerifiedEvent& verified) {
  TL_CHECK(meet(tables, verified));
  TL_TRY(is_in, is_let_in(tables, verified));
  if (!is_in) {
    counts_.consent_refused += 1;
    return {};
  }
  TL_CHECK(find_other_id(tables, verified.event.anonymous_id));
  counts_.newest = &verified;
  counts_.is_newest_proven = is_proven(verified.event);
  TL_TRY(is_new, insert(tables, verified));
  if (!is_new || !verified.touch) TL_CHECK(reveal_click_ids(tables, verified, is_new));
  if (!is_new) {
    counts_.duplicate += 1;
    return {};
  }
  counts_.accepted += 1;
  Part* part = find_part(verified.event.session_id);
  if (part == nullptr) part = &parts_.emplace_back();
  add_to_part(part->row, verified, verified_.agent, verified_.place);
  part->row.anonymous_id = owner_;
  part->events.push_back({&verified, stricter(verified.consent, stored_consent_->consent)});
  part->choice = stored_consent_->consent;
  return link_ids(tables, verified);
}

// Everything of a session is kept under its visitor.
Outcome<bool> BatchKeeper::insert(Tables& tables, const VerifiedEvent& verified) {
  const bool withholds = is_marketing_taken_back(verified, stored_consent_->consent);
  if (owner_ == verified.event.anonymous_id && !withholds)
    return insert_rows(tables, verified.event, verified.touch);
  EventRow event = verified.event;
  std::optional<TouchRow> touch = verified.touch;
  if (withholds) {
    withhold_click_ids(event);
    if (touch) touch = withheld_touch(verified);
  }
  event.anonymous_id = owner_;
  if (touch) touch->anonymous_id = owner_;
  return insert_rows(tables, event, touch);
}

// The same arrival told again, now that marketing is permitted.
Outcome<void> BatchKeeper::reveal_click_ids(Tables& tables, const VerifiedEvent& verified,
                                            bool is_new) {
  if (!is_proven(verified.event) || !permits_marketing(verified.consent) ||
      !permits_marketing(stored_consent_->consent))
    return {};
  TL_TRY(revealed, find_revealed(tables, site_, verified.event, owner_));
  if (!revealed) return {};
  TL_CHECK(keep_sessions(tables));
  EventRow event = verified.event;
  event.anonymous_id = owner_;
  if (!is_new) TL_CHECK(tables.privacy().put_url(event));
  TL_CHECK(put_revealed(tables, site_, *revealed, sender_.received_ms));
  VerifiedEvent told = verified;
  told.fbclid = revealed->fbclid;
  Part part;
  part.row.id = event.session_id;
  part.row.anonymous_id = owner_;
  part.events.push_back({&told, verified.consent});
  part.choice = stored_consent_->consent;
  return keep_context(tables, part, /*is_new=*/false);
}

BatchKeeper::Part* BatchKeeper::find_part(const Id128& session_id) {
  for (Part& part : parts_)
    if (part.row.id == session_id) return &part;
  return nullptr;
}

Outcome<void> BatchKeeper::link_ids(Tables& tables, const VerifiedEvent& verified) {
  const EventRow& event = verified.event;
  for (const auto& claimed : {verified.claimed_session_id, verified.claimed_anonymous_id}) {
    if (!claimed) continue;
    TL_CHECK(tables.events().alias_session(site_.id, *claimed, event.session_id));
    TL_CHECK(restate_conversions(tables, site_, session_key(*claimed), 0, sender_.received_ms));
  }
  const auto& cookie = counts_.other_id;
  // A link lets the token of one id stand for the other: only who holds both makes one.
  if (!cookie || !counts_.is_newest_proven) return {};
  const auto token = services_.tokens.check(sender_.token_cookie, site_.id);
  if (!token.ok()) return {};
  if (token.value().anonymous_id != *cookie) {
    TL_TRY(linked, tables.events().linked_ids(site_.id, token.value().anonymous_id));
    if (std::find(linked.begin(), linked.end(), *cookie) == linked.end()) return {};
  }
  const bool is_cookie_older = *cookie < event.anonymous_id;
  TL_TRY(is_new, tables.events().link_anonymous_ids(
                     site_.id, is_cookie_older ? event.anonymous_id : *cookie,
                     is_cookie_older ? *cookie : event.anonymous_id, sender_.received_ms));
  if (is_new)
    for (const Id128& id : {event.anonymous_id, *cookie})
      TL_CHECK(restate_conversions(tables, site_, visitor_key(id), 0, sender_.received_ms));
  // What this browser chose since holds for the other id too, where it is stricter.
  return tighten_linked(tables, site_, event.anonymous_id, *stored_consent_,
                        *services_.find_lanes(site_.id));
}

Outcome<void> BatchKeeper::keep_sessions(Tables& tables) {
  for (const Part& part : parts_) {
    TL_TRY(is_known, tables.events().has_sessions(site_.id, part.row.anonymous_id));
    TL_TRY(is_new, tables.events().merge_session(part.row));
    if (part.row.first_touch) TL_CHECK(keep_touch_counts(tables, part, is_new));
    TL_CHECK(restate_late(tables, part, is_new, !is_known));
    TL_CHECK(keep_context(tables, part, is_new));
    TL_CHECK(enqueue(tables, part));
    TL_CHECK(convert(tables, part));
  }
  parts_.clear();
  return {};
}

Outcome<void> BatchKeeper::count(Tables& tables, const TouchRow& touch, const Id128& visitor,
                                 std::int64_t touches, std::int64_t sessions) {
  if (!counts_in_reports(touch)) return {};
  DayTraffic delta{local_day(touch.t_ms, site_.timezone),
                   {touch.channel, touch.source, touch.campaign, touch.content, touch.landing_path},
                   touches,
                   sessions,
                   {}};
  if (touches > 0) delta.visitors.push_back(VisitorSketch::hash_of(visitor));
  return tables.rollups().add_traffic(site_.id, std::move(delta));
}

// Touches count on their own days. A session counts once, under its first touch: batches may arrive
// out of order, first and last are those by time, and the count moves along.
Outcome<void> BatchKeeper::keep_touch_counts(Tables& tables, const Part& part, bool is_new) {
  const bool is_only_touch = is_new && part.row.first_touch == part.row.last_touch;
  const auto count_touch = [&](const TouchRow& touch) {
    return count(tables, touch, part.row.anonymous_id, 1, is_only_touch ? 1 : 0);
  };
  for (const auto& [verified, consent] : part.events)
    if (verified->touch)
      TL_CHECK(is_marketing_taken_back(*verified, consent) ? count_touch(withheld_touch(*verified))
                                                           : count_touch(*verified->touch));
  return is_only_touch ? Outcome<void>() : order_touches(tables, part, is_new);
}

// Conversions that were made before what this part brings was known. One that names a visitor whom
// nobody had seen was matched by other means, whenever that was.
Outcome<void> BatchKeeper::restate_late(Tables& tables, const Part& part, bool is_new,
                                        bool is_new_visitor) {
  std::optional<std::int64_t> from_ms;
  for (const auto& [verified, consent] : part.events)
    if (verified->touch || is_milestone(verified->event.name))
      from_ms = std::min(from_ms.value_or(verified->event.t_ms), verified->event.t_ms);
  if (is_new) from_ms = std::min(from_ms.value_or(part.row.started_ms), part.row.started_ms);
  if (is_new_visitor) from_ms = 0;
  if (!from_ms) return {};
  TL_CHECK(restate_conversions(tables, site_, visitor_key(part.row.anonymous_id), *from_ms,
                               sender_.received_ms));
  if (!is_new) return {};
  return restate_conversions(tables, site_, session_key(part.row.id), 0, sender_.received_ms);
}

Outcome<void> BatchKeeper::order_touches(Tables& tables, const Part& part, bool is_new) {
  TL_TRY(touches, tables.events().touches_of_session(site_.id, part.row.id));
  TL_TRY(session, tables.events().find_session(site_.id, part.row.id));
  if (touches.empty() || !session) return {};
  const bool had_touch = !is_new && session->first_touch != part.row.first_touch;
  if (!had_touch) {
    TL_CHECK(count(tables, touches.front(), part.row.anonymous_id, 0, 1));
  } else if (session->first_touch != touches.front().id) {
    const auto counted = std::find_if(touches.begin(), touches.end(), [&](const TouchRow& touch) {
      return session->first_touch == touch.id;
    });
    if (counted != touches.end()) TL_CHECK(count(tables, *counted, part.row.anonymous_id, 0, -1));
    TL_CHECK(count(tables, touches.front(), part.row.anonymous_id, 0, 1));
  }
  if (session->first_touch == touches.front().id && session->last_touch == touches.back().id)
    return {};
  session->first_touch = touches.front().id;
  session->last_touch = touches.back().id;
  return tables.events().put_session(*session);
}

Outcome<void> BatchKeeper::keep_context(Tables& tables, const Part& part, bool is_new) {
  // After an opt-out nothing of before, for its URLs hold click ids.
  const bool is_limited = part.choice.opted_out_of_sale;
  std::vector<const VerifiedEvent*> permitted;
  for (const auto& [verified, consent] : part.events)
    if (permits_marketing_data(consent) && (!is_limited || consent.opted_out_of_sale))
      permitted.push_back(verified);
  if (permitted.empty() || !permits_marketing_data(part.choice)) return {};
  const SessionRow& row = part.row;
  SessionContext context;
  if (!is_new) {
    TL_TRY(before, tables.events().find_context(site_.id, row.id));
    if (before) context = std::move(*before);
  }
  const auto cookies =
      permits_marketing(part.choice) ? vendor_cookies_of(batch_, sender_) : VendorCookies{};
  const auto lanes = services_.find_lanes(site_.id);
  const bool keeps_address =
      std::any_of(lanes->begin(), lanes->end(), [](const auto& lane) { return lane.uses_address; });
  if (!merge_context(context, permitted, cookies, sender_, keeps_address)) return {};
  return tables.events().put_context(site_.id, row.id, row.anonymous_id, context,
                                     sender_.received_ms, sender_.received_ms + site_.lookback_ms);
}

Outcome<void> BatchKeeper::enqueue(Tables& tables, const Part& part) {
  const auto lanes = services_.find_lanes(site_.id);
  for (const auto& [verified, consent] : part.events)
    TL_CHECK(enqueue_event(tables.outbox(), *lanes, verified->event, consent, sender_.received_ms));
  return {};
}

Outcome<void> BatchKeeper::convert(Tables& tables, const Part& part) {
  if (services_.conversions == nullptr || site_.conversion_events.empty()) return {};
  for (const auto& [verified, consent] : part.events) {
    const auto& names = site_.conversion_events;
    if (!counts_in_reports(verified->event) ||
        std::find(names.begin(), names.end(), verified->event.name) == names.end())
      continue;
    TL_CHECK(services_.conversions->on_conversion_event(tables, site_, verified->event));
  }
  return {};
}

Outcome<void> BatchKeeper::keep_refused(Tables& tables) {
  if (route_.empty()) return {};
  for (const RefusedEvent& refused : verified_.refused) {
    RejectRow reject;
    reject.site_id = site_.id;
    reject.t_ms = sender_.received_ms;
    reject.route = route_;
    reject.code = refused.code;
    reject.message = refused.message;
    reject.bytes = static_cast<std::int64_t>(refused.text.size());
    if (refused.is_order || may_keep_text(refused.text, site_.consent_default)) {
      KeptSender sender = kept_sender_of(sender_);
      sender.page_nonce = batch_.page_nonce;
      sender.index = refused.index;
      reject.sender_json = write_kept_sender(sender);
      reject.body = refused.text;
    }
    TL_CHECK(tables.operations().insert_reject(reject));
  }
  return {};
}

Outcome<void> BatchKeeper::count_input(Tables& tables) {
  const auto rejected = route_.empty() ? 0 : verified_.refused.size();
  const std::pair<std::string_view, std::size_t> totals[] = {
      {"accepted", counts_.accepted},
      {"duplicate", counts_.duplicate},
      {"consent_refused", counts_.consent_refused},
      {"rejected", rejected}};
  for (const auto& [name, total] : totals)
    if (total > 0)
      TL_CHECK(tables.operations().count(site_.id, name, static_cast<std::int64_t>(total)));
  return {};
}

}  // namespace tl::server
