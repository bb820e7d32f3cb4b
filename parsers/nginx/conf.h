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

#include "base/result.h"
#include "parsers/nginx/log_format.h"

namespace hctail::nginx {

// The log_format called `name` in the configuration at `path`; with an empty name the only one that
// is in use.  Error: there is none or are several, the main file cannot be read, or it is no
// configuration.
Result<LogFormat> FindFormat(const std::string& path, std::string_view name);

}  // namespace hctail::nginx
