// SPDX-License-Identifier: Apache-2.0
#include "transform/request_shape.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "event/json_string.h"

namespace hctail {
namespace {

constexpr size_t kNowhere = std::string_view::npos;

// The parts of a request line; null data: not there.
struct Request {
  std::string_view method;
  std::string_view target;
  std::string_view protocol;
};

bool IsMethod(std::string_view word) {
  return !word.empty() && word.size() <= 32 &&
         std::ranges::all_of(word, [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
}

Request SplitRequest(std::string_view text) {
  const size_t first = text.find(' ');
  if (first == kNowhere) return {.method = {}, .target = text, .protocol = {}};
  const size_t last = text.rfind(' ');
  const std::string_view begin = text.substr(0, first);
  const std::string_view end = text.substr(last + 1);
  if (first == last) {
    if (IsMethod(begin)) return {.method = begin, .target = end, .protocol = {}};
    return {.method = {}, .target = begin, .protocol = {}};
  }
  const std::string_view middle = text.substr(first + 1, last - first - 1);
  if (!middle.contains(' ') || (IsMethod(begin) && end.starts_with("HTTP/"))) {
    return {begin, middle, end};
  }
  return {.method = {}, .target = begin, .protocol = {}};
}

// "/users/:id/*" as a regular expression; all else in it is one already.
std::string PatternText(std::string_view pattern) {
  std::string out = "^";
  for (size_t at = 0; at < pattern.size();) {
    const size_t end = std::min(pattern.find('/', at + 1), pattern.size());
    if (pattern.substr(at).starts_with("/:") && end > at + 2) {
      out.append("/(?P<").append(pattern.substr(at + 2, end - at - 2)).append(">[^/]+)");
      at = end;
      continue;
    }
    out += pattern[at++];
  }
  if (out.ends_with('*')) out.back() = '.', out += '*';
  return out + "$";
}

}  // namespace

Result<RequestShape> RequestShape::Create(const RequestShapeOptions& options) {
  RequestShape shape;
  shape.prefix_ = options.prefix.empty() ? "" : options.prefix + "_";
  shape.formats_too_ = options.formats_too;
  for (const std::string& field : options.fields) shape.SourceOf(field);
  shape.asked_ = shape.sources_.size();
  size_t most_groups = 0;
  for (const std::string& text : options.patterns) {
    auto regex = Regex::Compile(PatternText(text), "request pattern '" + text + "'");
    if (!regex) return std::unexpected(regex.error());
    std::vector<std::string> variables = regex->names();
    if (variables.size() >= kMaxRegexGroups) {
      return Fail("request pattern '" + text + "' has too many groups");
    }
    most_groups = std::max(most_groups, variables.size());
    shape.patterns_.push_back({text, *std::move(regex), std::move(variables)});
  }
  shape.groups_.resize(most_groups + 1);
  shape.query_keys_ = options.query_keys;
  shape.all_query_keys_ = options.all_query_keys;
  return shape;
}

const RequestShape::Source& RequestShape::SourceOf(std::string_view field) {
  const auto it = std::ranges::find(sources_, field, &Source::field);
  if (it != sources_.end()) return *it;
  const std::string name = prefix_ + std::string(field);
  return sources_.emplace_back(Source{.field = std::string(field),
                                      .target = std::string(field) + "_uri",
                                      .method = name + "_method",
                                      .protocol = name + "_protocol_version",
                                      .uri = name + "_uri",
                                      .path = name + "_path",
                                      .query = name + "_query",
                                      .shape = name + "_shape",
                                      .path_shape = name + "_pathshape",
                                      .query_shape = name + "_queryshape",
                                      .query_prefix = name + "_query_",
                                      .path_prefix = name + "_path_"});
}

void RequestShape::Apply(std::string_view request_field, Event* event) {
  arena_.Clear();
  for (size_t i = 0; i < asked_; ++i) {
    if (sources_[i].field == request_field) request_field = {};
    ShapeField(sources_[i], sources_[i].field, event);
  }
  if (!formats_too_ || request_field.empty()) return;
  const Source& source = SourceOf(request_field);
  // Some log_formats have $request_method and $request_uri instead.
  const bool whole = event->Find(source.field) != nullptr;
  ShapeField(source, whole ? source.field : source.target, event);
}

void RequestShape::ShapeField(const Source& source, std::string_view field, Event* event) {
  const Value* const value = event->Find(field);
  if (value == nullptr) return;
  if (value->kind() == Value::Kind::kString) {
    Shape(source, value->text(), event);
  } else if (value->kind() == Value::Kind::kRawJson && value->text().starts_with('"')) {
    const std::string_view text = UnquoteJson(value->text(), &unquoted_);
    Shape(source, text.data() == unquoted_.data() ? arena_.Join(text) : text, event);
  }
}

void RequestShape::Shape(const Source& source, std::string_view text, Event* event) {
  const Request request = SplitRequest(text);
  const auto set = [&](std::string_view name, std::string_view value) {
    event->Set(name, Value::String(value));
  };
  if (request.method.data() != nullptr) set(source.method, request.method);
  if (request.protocol.data() != nullptr) set(source.protocol, request.protocol);
  const std::optional<Url> url = ParseUrl(request.target, &arena_);
  if (!url) return;
  set(source.uri, request.target);
  set(source.path, url->path);
  if (!url->query.empty()) set(source.query, url->query);
  ParseQuery(url->query, &arena_, &pairs_);
  // By key; the values of one key sorted, as they are joined.
  std::ranges::sort(pairs_, {}, [](const QueryPair& p) { return std::tie(p.key, p.value); });
  AddQuery(source, event);
  const std::string_view path_shape = PathShape(source, url->path, event);
  const std::string_view query_shape = QueryShape();
  if (query_shape.empty()) {
    set(source.shape, path_shape);
  } else {
    set(source.shape, arena_.Join(path_shape, arena_.Join("?", query_shape)));
    set(source.query_shape, query_shape);
  }
  set(source.path_shape, path_shape);
}

bool RequestShape::IsWanted(std::string_view key) const {
  return all_query_keys_ || std::ranges::find(query_keys_, key) != query_keys_.end();
}

// The values of one key, which stand together, joined by ", ".
void RequestShape::AddQuery(const Source& source, Event* event) {
  for (size_t begin = 0; begin < pairs_.size();) {
    const std::string_view key = pairs_[begin].key;
    size_t end = begin;
    size_t size = 0;
    for (; end < pairs_.size() && pairs_[end].key == key; ++end) {
      size += pairs_[end].value.size() + 2;
    }
    if (IsWanted(key)) {
      std::string_view joined = pairs_[begin].value;
      if (end - begin > 1) {
        char* const memory = arena_.Allocate(size);
        char* out = memory;
        for (size_t i = begin; i < end; ++i) {
          if (i > begin) *out++ = ',', *out++ = ' ';
          out = std::ranges::copy(pairs_[i].value, out).out;
        }
        joined = {memory, static_cast<size_t>(out - memory)};
      }
      event->Set(arena_.Join(source.query_prefix, key), Value::String(joined));
    }
    begin = end;
  }
}

// "a=?&b=?".
std::string_view RequestShape::QueryShape() {
  size_t size = 0;
  for (const QueryPair& pair : pairs_) size += pair.key.size() + 3;
  if (size == 0) return {};
  char* const memory = arena_.Allocate(size);
  char* out = memory;
  for (const QueryPair& pair : pairs_) {
    if (out != memory) *out++ = '&';
    out = std::ranges::copy(pair.key, out).out;
    *out++ = '=', *out++ = '?';
  }
  return {memory, static_cast<size_t>(out - memory)};
}

std::string_view RequestShape::PathShape(const Source& source, std::string_view path,
                                         Event* event) {
  for (const Pattern& pattern : patterns_) {
    const auto groups = std::span(groups_).first(pattern.variables.size() + 1);
    if (!pattern.regex.Search(path, groups)) continue;
    // Of equal names the first counts, so go from the last.
    for (size_t i = pattern.variables.size(); i-- > 0;) {
      const std::string_view text = groups[i + 1];
      event->Set(arena_.Join(source.path_prefix, pattern.variables[i]),
                 Value::String(text.data() == nullptr ? std::string_view("") : text));
    }
    return pattern.text;
  }
  return path;
}

}  // namespace hctail
