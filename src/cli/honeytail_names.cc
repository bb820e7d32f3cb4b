// SPDX-License-Identifier: Apache-2.0
#include "cli/honeytail_names.h"

#include <algorithm>

namespace hctail {
namespace {

using enum HoneytailTopic;

// In honeytail's order: a field name that several parsers have means the first.
constexpr HoneytailOption kOptions[] = {
    {"api_host", "APIHost"},
    {"config", ""},
    {"config_yaml", "ConfigYaml", kConfig},
    {"write_yaml", "WriteYaml", kConfig},
    {"samplerate", "SampleRate"},
    {"poolsize", "NumSenders"},
    {"send_frequency_ms", "BatchFrequencyMs"},
    {"send_batch_size", "BatchSize"},
    {"debug", "Debug"},
    {"debug_stdout", "DebugOut"},
    {"status_interval", "StatusInterval"},
    {"backfill", "Backfill"},
    {"rebase_time", "RebaseTime", kFields},
    {"localtime", "Localtime"},
    {"timezone", "Timezone"},
    {"scrub_field", "ScrubFields", kFields},
    {"drop_field", "DropFields", kFields},
    {"add_field", "AddFields", kFields},
    {"da_map_file", "DAMapFile", kFields},
    {"request_shape", "RequestShape"},
    {"shape_prefix", "ShapePrefix"},
    {"request_pattern", "RequestPattern"},
    {"request_parse_query", "RequestParseQuery"},
    {"request_query_keys", "RequestQueryKeys"},
    {"backoff", "BackOff"},
    {"log_prefix", "PrefixRegex", kFields},
    {"deterministic_sampling", "DeterministicSample"},
    {"dynsampling", "DynSample"},
    {"dynsample_window", "DynWindowSec"},
    {"dynsample_minimum", "MinSampleRate"},
    {"presampled", "PreSampledField"},
    {"json_field", "JSONFields", kFields},
    {"filter-file", "FilterFiles"},
    {"rename_field", "RenameFields", kFields},
    {"log_level", "LogLevel"},
    {"parser", "ParserName"},
    {"writekey", "WriteKey"},
    {"file", "LogFiles"},
    {"dataset", "Dataset"},
    {"help", "Help"},
    {"list", "ListParsers"},
    {"version", "Version"},
    {"write_default_config", "WriteDefaultConfig", kConfig},
    {"write_current_config", "WriteCurrentConfig", kConfig},
    {"write_current_yaml", "WriteCurrentYaml", kConfig},
    {"write-man-page", "WriteManPage", kConfig},
    {"tail.read_from", "ReadFrom"},
    {"tail.stop", "Stop"},
    {"tail.poll", "Poll"},
    {"tail.statefile", "StateFile", kState},
    {"tail.hash_statefile_paths", "HashStateFileDirPaths"},
    {"csv.fields", "Fields", kParser},
    {"csv.timefield", "TimeFieldName", kParser},
    {"csv.time_format", "TimeFieldFormat", kParser},
    {"csv.trim_leading_space", "TrimLeadingSpace", kParser},
    {"json.timefield", "TimeFieldName", kParser},
    {"json.format", "TimeFieldFormat", kParser},
    {"keyval.timefield", "TimeFieldName", kParser},
    {"keyval.format", "TimeFieldFormat", kParser},
    {"keyval.filter_regex", "FilterRegex", kParser},
    {"keyval.invert_filter", "InvertFilter", kParser},
    {"mongo.log_partials", "LogPartials", kParser},
    {"mysql.host", "Host", kParser},
    {"mysql.user", "User", kParser},
    {"mysql.pass", "Pass", kParser},
    {"mysql.interval", "QueryInterval", kParser},
    {"nginx.conf", "ConfigFile", kParser},
    {"nginx.format", "LogFormatName", kParser},
    {"nginx.timefield", "TimeFieldName", kParser},
    {"nginx.time_format", "TimeFieldFormat", kParser},
    {"postgresql.log_line_prefix", "LogLinePrefix", kParser},
    {"regex.line_regex", "LineRegex", kParser},
    {"regex.timefield", "TimeFieldName", kParser},
    {"regex.time_format", "TimeFieldFormat", kParser},
    {"syslog.mode", "Mode", kParser},
    {"syslog.processes", "ProcessList", kParser},
};

constexpr HoneytailSection kSections[] = {
    {"Application Options", ""},
    {"Required Options", ""},
    {"Other Modes", ""},
    {"Tail Options", "tail."},
    {"ArangoDB Parser Options", "arangodb."},
    {"CSV Parser Options", "csv."},
    {"JSON Parser Options", "json."},
    {"KeyVal Parser Options", "keyval."},
    {"MongoDB Parser Options", "mongo."},
    {"MySQL Parser Options", "mysql."},
    {"Nginx Parser Options", "nginx."},
    {"PostgreSQL Parser Options", "postgresql."},
    {"Regex Parser Options", "regex."},
    {"Syslog Parser Options", "syslog."},
};

constexpr std::string_view kParsers[] = {"arangodb",   "csv",     "json",  "keyval",
                                         "mongo",      "mongodb", "mysql", "nginx",
                                         "postgresql", "regex",   "syslog"};

std::string HintFor(const HoneytailOption& option) {
  switch (option.topic) {
    case kFields:
      return "hctail sends events as they were parsed so far; remove the option to do so.";
    case kConfig:
      return "hctail reads options from the command line and from -c FILE (INI).";
    case kState:
      return "hctail keeps the positions of all files in one folder: --state-dir DIR.";
    case kParser:
    case kBuilt:
      break;
  }
  return "Run 'hctail --list-parsers' for the parsers there are.";
}

}  // namespace

std::span<const HoneytailOption> HoneytailOptions() { return kOptions; }

const HoneytailOption* FindHoneytailName(std::string_view name) {
  const auto* it = std::ranges::find(kOptions, name, &HoneytailOption::name);
  return it == std::end(kOptions) ? nullptr : it;
}

const HoneytailOption* FindHoneytailField(std::string_view field, std::string_view prefix) {
  for (const HoneytailOption& option : kOptions) {
    if (!field.empty() && option.field == field && option.name.starts_with(prefix)) return &option;
  }
  return nullptr;
}

Error NotBuiltYet(const HoneytailOption& option, std::string_view origin) {
  std::string message = "--" + std::string(option.name) + " is not built yet";
  if (!origin.empty()) message += " (from " + std::string(origin) + ")";
  return {.message = std::move(message), .hint = HintFor(option)};
}

bool IsHoneytailParser(std::string_view name) { return std::ranges::count(kParsers, name) > 0; }

std::span<const HoneytailSection> HoneytailSections() { return kSections; }

}  // namespace hctail
