// SPDX-License-Identifier: Apache-2.0
// Takes request lines and URLs apart: "GET /users/42?q=shoes HTTP/1.1" gives method, path, query,
// and a shape, "/users/:id?q=?", by which requests of one kind can be counted.
//
// What is derived, and from what, is honeytail's (parity.md, section 4.1).  Different from there,
// and on purpose: a request of two words ("GET /x") has a method and a target, and one whose target
// has spaces ("GET /a b HTTP/1.1") has them too.
//
// Serves one thread.  Tested by request_shape_test.cc.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.h"
#include "base/result.h"
#include "base/text_arena.h"
#include "event/event.h"
#include "transform/url.h"

namespace hctail {

struct RequestShapeOptions {
  std::vector<std::string> fields = {};    // that hold requests
  std::string prefix = {};                 // of the names of what is derived, without its '_'
  std::vector<std::string> patterns = {};  // "/users/:id", "/static/*"; the first that fits counts
  std::vector<std::string> query_keys = {};  // that become fields
  bool all_query_keys = false;               // all of them do
  bool formats_too = true;                   // also fields that a format has requests in
};

class RequestShape {
 public:
  // Error: a pattern is no regular expression.
  static Result<RequestShape> Create(const RequestShapeOptions& options);

  // Adds what can be derived to `event`, whose format has requests in the field `request_field`
  // unless that is empty, or only their targets in REQUEST_FIELD_uri.  Names
  // and values live until the next call or a move of this object.
  void Apply(std::string_view request_field, Event* event);

 private:
  struct Pattern {
    std::string text;
    Regex regex;
    std::vector<std::string> variables;  // by group; "" has no name
  };
  // One field, and the names of what is derived from it.
  struct Source {
    std::string field;
    std::string target;  // the field that some logs have in its place
    std::string method, protocol, uri, path, query, shape, path_shape, query_shape;
    std::string query_prefix, path_prefix;  // "request_query_"
  };

  RequestShape() = default;
  const Source& SourceOf(std::string_view field);
  void ShapeField(const Source& source, std::string_view field, Event* event);
  void Shape(const Source& source, std::string_view text, Event* event);
  std::string_view PathShape(const Source& source, std::string_view path, Event* event);
  std::string_view QueryShape();
  void AddQuery(const Source& source, Event* event);
  bool IsWanted(std::string_view key) const;

  std::string prefix_;
  bool formats_too_ = true;
  size_t asked_ = 0;            // sources that every event is looked through for
  std::deque<Source> sources_;  // and after them those of formats that were met
  std::vector<Pattern> patterns_;
  std::vector<std::string> query_keys_;
  bool all_query_keys_ = false;
  TextArena arena_;
  std::string unquoted_;                  // of a JSON string
  std::vector<QueryPair> pairs_;          // of the record in work, by key and value
  std::vector<std::string_view> groups_;  // of the pattern that matched
};

}  // namespace hctail
