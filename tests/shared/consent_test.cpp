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
  CHECK(granted.ad_personalisation == Choice::granted);
  CHECK_FALSE(tl::permits_ids(tl::with_default(consent, Choice::denied)));
  CHECK_FALSE(tl::permits_ids(tl::with_default(consent, Choice::unknown)));
}
