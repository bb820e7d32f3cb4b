// SPDX-License-Identifier: Apache-2.0
// JSON as nginx writes it by a log_format in the form of JSON, which need not be JSON:
//  - with escape=default bytes in strings are "\xHH", and what is not known is a bare '-';
//  - with escape=json what is not known is nothing at all, as in "upstream_status":,
//  - numbers of several upstreams are a list: "upstream_response_time":0.001, 0.002
//
// Source: nginx, ngx_http_log_module.c and ngx_http_upstream.c.  Tested by json_nginx_test.cc.
#pragma once

#include <string>
#include <string_view>

namespace hctail::json {

// Appends `text` with bytes in place of "\xHH", null for values that are not known, and lists as
// strings.  False: there was none of these.  The result may still be no JSON, and not UTF-8.
bool MendNginx(std::string_view text, std::string* out);

}  // namespace hctail::json
