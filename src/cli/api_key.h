// SPDX-License-Identifier: Apache-2.0
// Where the API key comes from.
//
// Tested by api_key_test.cc.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/options.h"

namespace hctail {

struct ApiKey {
  std::string value;   // empty: there is none; never print it
  std::string origin;  // "--writekey", "/etc/hctail.conf:14", the key file's path
};

// The first that is there: --writekey, --writekey-file, the config file's, $HONEYCOMB_API_KEY,
// $CREDENTIALS_DIRECTORY/writekey.  Error: it is there and cannot be a key, or cannot be read; the
// message does not contain it.
Result<ApiKey> FindApiKey(const GivenOptions& given, const Environment& environment);

}  // namespace hctail
