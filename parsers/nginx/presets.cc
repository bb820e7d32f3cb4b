// SPDX-License-Identifier: Apache-2.0
#include "parsers/nginx/presets.h"

#include <algorithm>

namespace hctail::nginx {
namespace {

#define HC_CLIENT "$remote_addr - $remote_user [$time_local] "
#define HC_COMMON HC_CLIENT "\"$request\" $status $body_bytes_sent"
#define HC_AGENT " \"$http_referer\" \"$http_user_agent\""
#define HC_COMBINED HC_COMMON HC_AGENT
#define HC_REQUEST "[$time_local] \"$request\" $status $body_bytes_sent" HC_AGENT
#define HC_APACHE_COMMON \
  "$remote_addr $remote_logname $remote_user [$time_local] \"$request\" $status $bytes_sent"
#define HC_APACHE_COMBINED HC_APACHE_COMMON HC_AGENT
#define HC_REAL_IP "$remote_addr - [$the_real_ip] - $remote_user [$time_local] "
#define HC_INGRESS                                 \
  "\"$request\" $status $body_bytes_sent" HC_AGENT \
  " $request_length $request_time [$proxy_upstream_name]"
#define HC_UPSTREAMS \
  " $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id"
// What a syslog daemon puts before it.
#define HC_SYSLOG "$_ $hostname $process[$pid]: "
#define HC_HAPROXY                                                                     \
  "$client_ip:$client_port [$accept_date] $frontend $backend/$server "                 \
  "$time_request/$time_queue/$time_connect/$time_response/$time_total $status "        \
  "$bytes_sent $captured_request_cookie $captured_response_cookie $termination_state " \
  "$actconn/$feconn/$beconn/$srv_conn/$retries $server_queue/$backend_queue"

constexpr PresetFormat kCombinedFormats[] = {{HC_COMBINED}};
constexpr PresetFormat kMainFormats[] = {{HC_COMBINED " \"$http_x_forwarded_for\""}};
constexpr PresetFormat kApacheCommonFormats[] = {{HC_APACHE_COMMON, Escape::kApache}};
constexpr PresetFormat kApacheCombinedFormats[] = {{HC_APACHE_COMBINED, Escape::kApache}};
constexpr PresetFormat kApacheSslFormats[] = {
    {"[$time_local] $remote_addr $ssl_protocol $ssl_cipher \"$request\" $bytes_sent",
     Escape::kApache}};
constexpr PresetFormat kTraefikFormats[] = {
    {HC_COMBINED " $request_count \"$router_name\" \"$server_url\" ${duration_ms}ms",
     Escape::kApache}};
constexpr PresetFormat kApacheVhostFormats[] = {
    {"$host:$server_port " HC_APACHE_COMBINED, Escape::kApache}};

constexpr PresetFormat kHaproxyFormats[] = {
    {HC_HAPROXY " {$captured_request_headers} {$captured_response_headers} \"$request\"",
     Escape::kNone},
    {HC_HAPROXY " {$captured_request_headers} \"$request\"", Escape::kNone},
    {HC_HAPROXY " \"$request\"", Escape::kNone},
    {HC_SYSLOG HC_HAPROXY " {$captured_request_headers} {$captured_response_headers} \"$request\"",
     Escape::kNone},
    {HC_SYSLOG HC_HAPROXY " {$captured_request_headers} \"$request\"", Escape::kNone},
    {HC_SYSLOG HC_HAPROXY " \"$request\"", Escape::kNone},
};

// Before 0.25 there was no alternative upstream; before 0.22, the real client stood in brackets,
// which could also be a user's name.
constexpr PresetFormat kIngressFormats[] = {
    {HC_REAL_IP HC_INGRESS " [$proxy_alternative_upstream_name]" HC_UPSTREAMS},
    {HC_REAL_IP HC_INGRESS HC_UPSTREAMS},
    {HC_CLIENT HC_INGRESS " [$proxy_alternative_upstream_name]" HC_UPSTREAMS, Escape::kDefault, 2},
    {HC_CLIENT HC_INGRESS HC_UPSTREAMS, Escape::kDefault, 3},
};

constexpr PresetFormat kProxyManagerFormats[] = {
    {"[$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme "
     "$host \"$request_uri\" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] "
     "[Sent-to $server] \"$http_user_agent\" \"$http_referer\""},
    {"[$time_local] $status - $request_method $scheme $host \"$request_uri\" "
     "[Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] "
     "\"$http_user_agent\" \"$http_referer\""},
};

// In the order of their names.
constexpr Preset kPresets[] = {
    {"apache-combined", kApacheCombinedFormats},
    {"apache-common", kApacheCommonFormats},
    {"apache-ssl-request", kApacheSslFormats},
    {"apache-vhost-combined", kApacheVhostFormats},
    {"combined", kCombinedFormats},
    {"haproxy-http", kHaproxyFormats},
    {"ingress-nginx", kIngressFormats},
    {"main", kMainFormats},
    {"nginx-proxy-manager", kProxyManagerFormats},
    {"traefik", kTraefikFormats},
};

constexpr size_t kAll = 1000;  // rivals

// Apache's escapes include nginx's.
constexpr PresetFormat kAuto[] = {
    {HC_COMBINED, Escape::kApache},
    {HC_COMBINED " \"$http_x_forwarded_for\"", Escape::kApache},
    {HC_COMMON, Escape::kApache},
    {HC_COMBINED " rt=$request_time uct=\"$upstream_connect_time\" "
                 "uht=\"$upstream_header_time\" urt=\"$upstream_response_time\""},
    {HC_CLIENT "\"$request\" $request_time $status $body_bytes_sent" HC_AGENT
               " \"$http_x_forwarded_for\""},
    kIngressFormats[0],
    kIngressFormats[1],
    kIngressFormats[2],
    kIngressFormats[3],
    kProxyManagerFormats[0],
    kProxyManagerFormats[1],
    kHaproxyFormats[0],
    kHaproxyFormats[1],
    kHaproxyFormats[2],
    kApacheSslFormats[0],
    kTraefikFormats[0],
    // The user may be missing altogether.
    {"$remote_addr - " HC_REQUEST, Escape::kApache},
    {"$host:$server_port " HC_COMBINED, Escape::kApache},
    {"$host " HC_COMBINED, Escape::kApache, 1},
    // Behind proxies.
    {"\"$http_x_forwarded_for\" $remote_addr - $remote_user " HC_REQUEST, Escape::kApache},
    {"$http_x_forwarded_for $remote_addr - $remote_user " HC_REQUEST, Escape::kApache, kAll},
    {"$http_x_forwarded_for - $remote_user " HC_REQUEST, Escape::kApache, kAll},
    {HC_APACHE_COMBINED, Escape::kApache, kAll},
    {HC_APACHE_COMMON, Escape::kApache, kAll},
    // Open-ended ones.
    {HC_COMBINED " $extra", Escape::kApache, kAll},
    {"$host:$server_port " HC_COMBINED " $extra", Escape::kApache, kAll},
    {"$host " HC_COMBINED " $extra", Escape::kApache, kAll},
    {HC_COMMON " $extra", Escape::kApache, kAll},
    {HC_CLIENT "\"$request\" $extra", Escape::kApache, kAll},
};
constexpr size_t kOpenEnded = 5;

}  // namespace

std::span<const Preset> Presets() { return kPresets; }

const Preset* FindPreset(std::string_view name) {
  const auto found = std::ranges::find(kPresets, name, &Preset::name);
  return found == std::end(kPresets) ? nullptr : &*found;
}

std::span<const PresetFormat> AutoFormats() { return kAuto; }

size_t FirstOpenEnded() { return std::size(kAuto) - kOpenEnded; }

}  // namespace hctail::nginx
