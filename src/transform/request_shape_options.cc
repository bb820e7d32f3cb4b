// SPDX-License-Identifier: Apache-2.0
#include "transform/request_shape_options.h"

namespace hctail {
namespace {

constexpr std::string_view kCategory = "Fields";
constexpr bool kRepeated = true;

}  // namespace

std::span<const OptionSpec> RequestShapingOptions() {
  static const std::vector<OptionSpec> kOptions = {
      {.name = "request-shape",
       .metavar = "FIELD",
       .help = "take the requests or URLs in FIELD apart: method, path, query, and a shape",
       .aliases = {"request_shape"},
       .repeated = kRepeated,
       .category = kCategory,
       .detail = "May be given several times. GET /users/42?q=shoes HTTP/1.1 in the field request "
                 "gives request_method, request_protocol_version, request_uri, request_path, "
                 "request_query, request_pathshape, request_queryshape, and request_shape, which "
                 "is /users/42?q=?. The field request of nginx's, Apache's and HAProxy's logs is "
                 "taken apart without being asked for."},
      {.name = "no-request-shape",
       .type = OptionSpec::Type::kFlag,
       .help = "take only the requests apart that --request-shape names",
       .category = kCategory},
      {.name = "request-pattern",
       .metavar = "PATTERN",
       .help = "requests whose path is like PATTERN have it as their shape: /users/:id/*",
       .aliases = {"request_pattern"},
       .repeated = kRepeated,
       .category = kCategory,
       .detail = "May be given several times; the first that fits counts. :NAME is one part of the "
                 "path, which becomes the field FIELD_path_NAME; a * at the end is anything; all "
                 "else is a regular expression."},
      {.name = "shape-prefix",
       .metavar = "TEXT",
       .help = "begin the names of the fields made so with TEXT_",
       .aliases = {"shape_prefix"},
       .category = kCategory},
      {.name = "request-parse-query",
       .type = OptionSpec::Type::kChoice,
       .metavar = "whitelist|all",
       .default_text = "whitelist",
       .help = "which keys of a query become fields, FIELD_query_KEY",
       .aliases = {"request_parse_query"},
       .category = kCategory,
       .detail = "whitelist takes those of --request-query-keys."},
      {.name = "request-query-keys",
       .metavar = "KEY",
       .help = "a key of queries that becomes a field",
       .aliases = {"request_query_keys"},
       .repeated = kRepeated,
       .category = kCategory,
       .detail = "May be given several times. The values of a key that comes twice are joined "
                 "by commas."},
  };
  return kOptions;
}

Result<RequestShapeOptions> MakeRequestShapeOptions(const OptionValues& values) {
  RequestShapeOptions options = {.fields = values.All("request-shape"),
                                 .prefix = std::string(values.Get("shape-prefix")),
                                 .patterns = values.All("request-pattern"),
                                 .query_keys = values.All("request-query-keys"),
                                 .all_query_keys = values.Get("request-parse-query") == "all",
                                 .formats_too = !values.Has("no-request-shape")};
  auto shape = RequestShape::Create(options);
  if (!shape) {
    Error error = shape.error();
    error.message += values.From("request-pattern");
    return std::unexpected(std::move(error));
  }
  return options;
}

}  // namespace hctail
