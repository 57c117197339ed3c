// SPDX-License-Identifier: Apache-2.0
// The consent gate, all combinations.
#include "throughline/consent.hpp"

#include "catch.hpp"

using tl::Choice;
using tl::Consent;

TEST_CASE("ids need storage, click values need both and no opt-out", "[consent]") {
  const Choice all[] = {Choice::unknown, Choice::denied, Choice::granted};
  for (const Choice storage : all) {
    for (const Choice marketing : all) {
      for (const bool opted_out : {false, true}) {
        Consent consent;
        consent.storage = storage;
        consent.marketing = marketing;
        consent.opted_out_of_sale = opted_out;
        CHECK(tl::permits_ids(consent) == (storage == Choice::granted));
        CHECK(tl::permits_marketing(consent) ==
              (storage == Choice::granted && marketing == Choice::granted && !opted_out));
      }
    }
  }
}

TEST_CASE("the site's default fills only what is unknown", "[consent]") {
  Consent consent;
  consent.marketing = Choice::denied;
  const auto granted = tl::with_default(consent, Choice::granted);
  CHECK(granted.storage == Choice::granted);
  CHECK(granted.marketing == Choice::denied);
  CHECK_FALSE(tl::permits_ids(tl::with_default(consent, Choice::denied)));
  CHECK_FALSE(tl::permits_ids(tl::with_default(consent, Choice::unknown)));
}

TEST_CASE("ad personalisation that nobody spoke of follows marketing", "[consent]") {
  const auto personal = [](Choice marketing, Choice said, Choice site_default) {
    return tl::with_default({Choice::granted, marketing, said, false}, site_default)
        .ad_personalisation;
  };
  CHECK(personal(Choice::granted, Choice::unknown, Choice::denied) == Choice::granted);
  CHECK(personal(Choice::denied, Choice::unknown, Choice::granted) == Choice::denied);
  CHECK(personal(Choice::unknown, Choice::unknown, Choice::granted) == Choice::granted);
  CHECK(personal(Choice::granted, Choice::denied, Choice::granted) == Choice::denied);
}
