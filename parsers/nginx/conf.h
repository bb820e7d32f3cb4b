// SPDX-License-Identifier: Apache-2.0
// Reads nginx's configuration for its log_formats: the file, and all that it includes.
//
// Source: nginx, src/core/ngx_conf_file.c.  Understood: quotes of both kinds with their escapes,
// comments, blocks, "${name}", include with wildcards (relative to the folder of the main file),
// the bodies of *_by_lua_block.  An included file that cannot be read matters only if the format is
// not found.
//
// For the time a parser is made; it does I/O.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "parsers/nginx/log_format.h"

namespace hctail::nginx {

struct NamedFormat {
  std::string name;
  LogFormat format;
};

struct Conf {
  std::vector<NamedFormat> formats;      // in the order they were met
  std::vector<std::string> access_logs;  // names of the formats that access_log directives use
  std::vector<std::string> unread;  // "cannot read 'PATH': REASON (included by 'PATH', line 3)"
  size_t files = 0;                 // that were read
};

// Error: the main file cannot be read, or a file is no configuration.
Result<Conf> ReadConf(const std::string& path);

// The log_format called `name` in the configuration at `path`; with an empty name the only one that
// is in use.
Result<LogFormat> FindFormat(const std::string& path, std::string_view name);

}  // namespace hctail::nginx
