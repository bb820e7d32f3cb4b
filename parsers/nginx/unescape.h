// SPDX-License-Identifier: Apache-2.0
// Undoes what nginx and Apache do to values before they log them.
//
// Source: nginx, ngx_http_log_escape and ngx_escape_json; Apache, ap_escape_logitem.
#pragma once

#include <string>
#include <string_view>

#include "parsers/nginx/log_format.h"

namespace hctail::nginx {

// `text` without its escapes: as it is if it has none, else in `scratch`, which is appended to and
// must have room for text.size() more bytes.  If it would not be UTF-8 (a TLS handshake, a
// scanner's bytes), the escapes stay, for JSON could not carry the bytes.
std::string_view Unescape(std::string_view text, Escape escape, std::string* scratch);

}  // namespace hctail::nginx
