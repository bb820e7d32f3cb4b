// SPDX-License-Identifier: Apache-2.0
// Asks the API at start-up whether it knows the key (GET /1/auth), so that a wrong key or host is
// an error before anything is read.  Tested by key_check_test.cc.
#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "ship/reply.h"
#include "ship/transport.h"

namespace hctail {

struct KeyCheck {
  std::string write_key;
  std::string user_agent;
  std::string key_origin;                       // for messages: "--writekey-file"
  std::string host;                             // for messages: "api.honeycomb.io"
  Duration timeout = std::chrono::seconds(15);  // for all tries together
  uint32_t tries = 4;                           // as long as the answer is one that may change
};

// Waits for the answer, in steps of the transport; needs nobody else to use it meanwhile.  Errors
// are worded for people and never hold the key; `*away` tells whether the API could not be asked,
// as in an outage.
Result<ReplyJudge::KeyInfo> VerifyKey(Transport& transport, const Clock& clock, Random& random,
                                      const KeyCheck& check, bool* away = nullptr);

}  // namespace hctail
