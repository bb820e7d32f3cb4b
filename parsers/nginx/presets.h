// SPDX-License-Identifier: Apache-2.0
// Log formats that are known by name, and those that `auto` tries.
//
// Sources: nginx.org (combined), httpd.apache.org mod_log_config (common, combined,
// vhost_combined), HAProxy's configuration manual section 8.2.3 (HTTP log format), ingress-nginx
// docs/user-guide/nginx-configuration/log-format.md, Nginx Proxy Manager
// docker/rootfs/etc/nginx/conf.d/include/log-proxy.conf, mod_ssl (ssl_request_log), Traefik's
// documentation of access logs (CLF).
#pragma once

#include <span>
#include <string_view>

#include "parsers/nginx/log_format.h"

namespace hctail::nginx {

struct PresetFormat {
  std::string_view text;
  Escape escape = Escape::kDefault;
  size_t rivals = 0;

  operator LogFormat() const { return {std::string(text), escape, rivals}; }
};

struct Preset {
  std::string_view name;
  std::span<const PresetFormat> formats;  // tried in this order
};

// All but "auto".
std::span<const Preset> Presets();
// The preset called `name`, or null.
const Preset* FindPreset(std::string_view name);

// What `auto` tries.  Those from FirstOpenEnded on have a last field, "extra", for whatever
// follows.
std::span<const PresetFormat> AutoFormats();
size_t FirstOpenEnded();

}  // namespace hctail::nginx
