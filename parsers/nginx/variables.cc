// SPDX-License-Identifier: Apache-2.0
#include "parsers/nginx/variables.h"

#include <algorithm>
#include <iterator>

namespace hctail::nginx {
namespace {

struct Row {
  std::string_view name;
  Variable variable;
};

constexpr Variable kWord = {.type = Type::kText};
constexpr Variable kWords = {.type = Type::kText, .spaces = true};
constexpr Variable kAddress = {.type = Type::kAddress};
constexpr Variable kInteger = {.type = Type::kInteger};
constexpr Variable kDecimal = {.type = Type::kDecimal};

// In the order of their names.
constexpr Row kRows[] = {
    {"_", kWords},
    {"accept_date", {.type = Type::kDateTime}},
    {"actconn", kInteger},
    {"args", kWords},
    {"backend", kWord},
    {"backend_queue", kInteger},
    {"beconn", kInteger},
    {"binary_remote_addr", kWord},
    {"body_bytes_sent", kInteger},
    {"bytes_received", kInteger},
    {"bytes_sent", kInteger},
    {"captured_request_cookie", kWord},
    {"captured_request_headers", kWords},
    {"captured_response_cookie", kWord},
    {"captured_response_headers", kWords},
    {"client_ip", kWord},
    {"client_port", kInteger},
    {"connection", kInteger},
    {"connection_requests", kInteger},
    {"connection_time", kDecimal},
    {"content_length", kInteger},
    {"content_type", kWords},
    {"document_root", kWords},
    {"document_uri", kWords},
    {"duration_ms", kInteger},
    {"extra", kWords},
    {"feconn", kInteger},
    {"frontend", kWord},
    {"gzip_ratio", kDecimal},
    {"host", kAddress},
    {"hostname", kWord},
    {"http_authorization", kWords},
    {"http_cookie", kWords},
    {"http_host", kWords},
    {"http_referer", kWords},
    {"http_user_agent", kWords},
    {"http_x_forwarded_for", {.type = Type::kAddresses, .spaces = true}},
    {"http_x_real_ip", kWords},
    {"http_x_request_id", kWords},
    {"limit_rate", kInteger},
    {"msec", {.type = Type::kSeconds}},
    {"nginx_version", kWord},
    {"pid", kInteger},
    {"process", kWord},
    {"proxy_host", kWord},
    {"proxy_port", kInteger},
    {"proxy_protocol_addr", kWord},
    {"proxy_protocol_port", kInteger},
    {"query_string", kWords},
    {"realip_remote_addr", kWord},
    {"realip_remote_port", kInteger},
    {"remote_addr", kAddress},
    {"remote_logname", {.type = Type::kName}},
    {"remote_port", kInteger},
    {"remote_user", kWords},
    {"req_id", kWord},
    {"request", kWords},
    {"request_body", kWords},
    {"request_count", kInteger},
    {"request_filename", kWords},
    {"request_id", kWord},
    {"request_length", kInteger},
    {"request_method", kWord},
    {"request_time", kDecimal},
    {"request_uri", kWords},
    {"retries", kInteger},
    {"router_name", kWords},
    {"scheme", kWord},
    {"server", kWord},
    {"server_addr", kWord},
    {"server_name", kWord},
    {"server_port", kInteger},
    {"server_protocol", kWord},
    {"server_queue", kInteger},
    {"server_url", kWords},
    {"session_time", kDecimal},
    {"srv_conn", kInteger},
    {"ssl_cipher", kWord},
    {"ssl_client_fingerprint", kWord},
    {"ssl_client_i_dn", kWords},
    {"ssl_client_s_dn", kWords},
    {"ssl_client_serial", kWord},
    {"ssl_client_verify", kWords},
    {"ssl_protocol", kWord},
    {"ssl_server_name", kWord},
    {"ssl_session_id", kWord},
    {"ssl_session_reused", kWord},
    {"status", kInteger},
    {"tcpinfo_rcv_space", kInteger},
    {"tcpinfo_rtt", kInteger},
    {"tcpinfo_rttvar", kInteger},
    {"tcpinfo_snd_cwnd", kInteger},
    {"termination_state", kWord},
    {"the_real_ip", kWord},
    {"time_connect", kInteger},
    {"time_iso8601", {.type = Type::kTimeIso}},
    {"time_local", {.type = Type::kTimeLocal}},
    {"time_queue", kInteger},
    {"time_request", kInteger},
    {"time_response", kInteger},
    {"time_total", kInteger},
    {"trace_id", kWord},
    {"upstream_addr", {.type = Type::kListText}},
    {"upstream_bytes_received", {.type = Type::kListInteger}},
    {"upstream_bytes_sent", {.type = Type::kListInteger}},
    {"upstream_cache_status", kWord},
    {"upstream_connect_time", {.type = Type::kListDecimal}},
    {"upstream_first_byte_time", {.type = Type::kListDecimal}},
    {"upstream_header_time", {.type = Type::kListDecimal}},
    {"upstream_queue_time", {.type = Type::kListDecimal}},
    {"upstream_response_length", {.type = Type::kListInteger}},
    {"upstream_response_time", {.type = Type::kListDecimal}},
    {"upstream_session_time", {.type = Type::kListDecimal}},
    {"upstream_status", {.type = Type::kListInteger}},
    {"uri", kWords},
};

static_assert(std::ranges::is_sorted(kRows, {}, &Row::name));

// Whatever a client or a server may write.
constexpr std::string_view kFreeText[] = {
    "arg_",           "cookie_",          "http_", "sent_http_", "sent_trailer_",
    "upstream_http_", "upstream_trailer_"};

}  // namespace

Variable VariableCalled(std::string_view name) {
  const auto row = std::ranges::lower_bound(kRows, name, {}, &Row::name);
  if (row != std::end(kRows) && row->name == name) return row->variable;
  const bool free =
      std::ranges::any_of(kFreeText, [&](std::string_view p) { return name.starts_with(p); });
  return {.type = Type::kGuess, .spaces = free};
}

}  // namespace hctail::nginx
