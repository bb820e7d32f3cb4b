// SPDX-License-Identifier: Apache-2.0
// --log-prefix: what stands before every line, taken off before a parser of any format sees it.
//
// The pattern is matched at the beginning of the record; what it matches is taken off, and its
// named groups become fields, which replace parsed ones of the same name.  They are text; for
// nginx, as in honeytail, numbers are numbers and "-" is no field.  A record that does not match
// goes to the parser as it is.
//
// A FileParser is given each line without what the pattern matches there; its events get the groups
// of their record's first line.
//
// If the record itself has no time, a group does if it is called as the parser's time field is, or
// as times usually are.
//
// Tested by log_prefix_test.cc.
#pragma once

#include <memory>

#include "parsers/parser.h"

namespace hctail::regex {

// `parser` with --log-prefix before it, or `parser` itself if that is not given.  `spec` is the row
// that made it.  Error: the prefix is no regular expression.
Result<std::unique_ptr<Parser>> WithLogPrefix(std::unique_ptr<Parser> parser,
                                              const ParserSpec& spec, const ParserConfig& config);

// The same for a parser of whole files.
Result<std::unique_ptr<FileParser>> WithLogPrefix(std::unique_ptr<FileParser> parser,
                                                  const ParserSpec& spec,
                                                  const ParserConfig& config);

}  // namespace hctail::regex
