// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <unistd.h>

#include <algorithm>

#include "base/option_value.h"
#include "cli/api_key.h"
#include "cli/check_values.h"
#include "cli/did_you_mean.h"
#include "cli/flags.h"
#include "cli/honeytail_names.h"
#include "parsers/parser.h"
#include "sample/sample_options.h"
#include "ship/api_host.h"
#include "transform/request_shape_options.h"

namespace hctail {
namespace {

Duration DurationOf(const OptionValues& values, std::string_view name) {
  return ReadDuration(values.Get(name), FindOption(name)->unit).value_or(Duration{});
}

uint64_t BytesOf(const OptionValues& values, std::string_view name) {
  return ReadBytes(values.Get(name)).value_or(0);
}

int64_t IntegerOf(const OptionValues& values, std::string_view name) {
  return ReadInteger(values.Get(name)).value_or(0);
}

// --- What is read ---

Status SetInput(const GivenOptions& given, const OptionValues& values, Options* options) {
  options->files = values.All("file");
  options->filters = values.All("filter-file");
  if (options->files.empty()) {
    return Fail("there is no file to read",
                "Name one with -f FILE, or read standard input with -f -.");
  }
  if (std::ranges::count(options->files, "") > 0) {
    return Fail("the name of a file is empty" + values.From("file"));
  }
  options->backfill = values.Has("backfill");
  options->stop = values.Has("tail.stop") || options->backfill;
  options->poll = values.Has("tail.poll");
  options->max_open_files = static_cast<uint64_t>(IntegerOf(values, "max-open-files"));
  options->max_line = BytesOf(values, "max-line");
  options->cut_overlong = values.Get("on-overlong") == "cut";
  options->lone_cr = values.Has("lone-cr");
  options->encoding = values.Get("encoding");
  options->flush_partial_after = DurationOf(values, "flush-partial-after");

  std::string_view read_from = values.Get("tail.read-from");
  // Who prints events wants to see some.
  const bool prints = options->output == Options::Output::kStdout;
  if (read_from.empty()) read_from = prints ? "beginning" : "last";
  options->read_from = options->backfill || read_from == "beginning" ? Options::ReadFrom::kBeginning
                       : read_from == "end"                          ? Options::ReadFrom::kEnd
                                                                     : Options::ReadFrom::kLast;
  // --backfill overrules what a config file says for everyday use, as it does in honeytail.
  const bool overruled =
      given.command_line.Has("backfill") && !given.command_line.Has("tail.read-from");
  if (read_from == "end" && options->stop && !(options->backfill && overruled)) {
    const std::string_view stop = options->backfill ? "backfill" : "tail.stop";
    return Fail("--" + std::string(stop) + " and --tail.read-from end leave nothing to read" +
                    values.From("tail.read-from"),
                "Leave out --tail.read-from to read the files from their beginning.");
  }
  return {};
}

// --- How it is understood ---

// $TZ is "Europe/Berlin", ":Europe/Berlin" or a path.
std::string_view ZoneOfVariable(std::string_view tz) {
  if (tz.starts_with(':')) tz.remove_prefix(1);
  if (!tz.starts_with('/')) return tz;
  constexpr std::string_view kFolder = "/usr/share/zoneinfo/";
  return tz.starts_with(kFolder) ? tz.substr(kFolder.size()) : std::string_view();
}

Status SetParser(const OptionValues& values, const Environment& environment, Options* options) {
  options->parser = values.Get("parser");
  if (options->parser != "auto" && FindParser(options->parser) == nullptr) {
    const std::string quoted = "'" + options->parser + "'" + values.From("parser");
    static constexpr std::string_view kHint =
        "Run 'hctail --list-parsers' for the parsers there are.";
    if (IsHoneytailParser(options->parser)) {
      return Fail("the parser " + quoted + " is not built yet", std::string(kHint));
    }
    std::vector<std::string_view> names = {"auto"};
    for (const ParserSpec& parser : AllParsers()) names.push_back(parser.name);
    return Fail("unknown parser " + quoted + DidYouMean(options->parser, names),
                std::string(kHint));
  }
  options->on_unparsed = values.Get("on-unparsed");
  options->zone = values.Get("timezone");
  options->localtime = values.Has("localtime") && options->zone.empty();
  options->machine_zone = ZoneOfVariable(environment.Get("TZ"));
  options->dataset = values.Get("dataset");
  if (values.Has("dataset") && options->dataset.empty()) {
    return Fail("the name of the dataset is empty" + values.From("dataset"));
  }
  const auto pass_on = [&](std::string_view name) {
    if (!values.Has(name)) return;
    options->parser_options.Set(name, values.All(name), std::string(values.Origin(name)));
  };
  for (const char* name : {"log-prefix", "max-line", "flush-partial-after"}) pass_on(name);
  for (const OptionSpec& option : RecordOptions()) pass_on(option.name);
  for (const ParserSpec& parser : AllParsers()) {
    for (const OptionSpec& option : parser.options) pass_on(option.name);
  }
  return {};
}

// --- Where it goes ---

Error NoKey(const OptionValues& values) {
  return {"output 'honeycomb' needs an API key, and there is none" + values.From("output"),
          "Give the key in one of these ways:\n"
          "  --writekey-file FILE\n"
          "  the environment variable HONEYCOMB_API_KEY\n"
          "  systemd's LoadCredential=writekey:FILE ($CREDENTIALS_DIRECTORY/writekey)\n"
          "  --writekey KEY, which every user of this machine can see"};
}

Status SetOutput(const GivenOptions& given, const OptionValues& values,
                 const Environment& environment, Options* options) {
  const std::string_view output = values.Get("output");
  options->output_is_default = output.empty();
  options->output = Options::Output::kStdout;
  if (output == "stdout") return {};
  Result<ApiKey> key = FindApiKey(given, environment);
  if (!key) return std::unexpected(key.error());
  if (!key->value.empty()) {
    options->output = Options::Output::kHoneycomb;
    options->write_key = std::move(key->value);
    options->write_key_origin = std::move(key->origin);
  } else if (!output.empty()) {
    return std::unexpected(NoKey(values));
  }
  return {};
}

Status SetApiHost(const OptionValues& values, Options* options) {
  auto host = ParseApiHost(values.Get("api-host"));
  if (!host) return Fail(host.error().message + values.From("api-host"), host.error().hint);
  options->api_host = std::move(*host);
  return {};
}

// "zstd:3" and the like.
Status SetCompression(const OptionValues& values, Options* options) {
  const std::string_view text = values.Get("compression");
  const size_t colon = text.find(':');
  const std::string_view method = text.substr(0, colon);
  const int most = method == "zstd" ? 19 : method == "gzip" ? 9 : 0;
  int64_t level = most > 0 ? 1 : 0;
  if (colon != std::string_view::npos) level = ReadInteger(text.substr(colon + 1)).value_or(-1);
  const bool known = method == "none" ? text == method : most > 0 && level >= 1 && level <= most;
  if (!known) {
    return Fail("'" + std::string(text) + "' is not a compression" + values.From("compression"),
                "Write zstd, gzip or none; zstd:1 to zstd:19 and gzip:1 to gzip:9 set the level.");
  }
  options->compression = method;
  options->compression_level = static_cast<int>(level);
  return {};
}

void SetSending(const OptionValues& values, Options* options) {
  options->skip_auth_check = values.Has("skip-auth-check");
  options->ca_file = values.Get("ca-file");
  options->request_timeout = DurationOf(values, "request-timeout");
  options->send_frequency = DurationOf(values, "send-frequency-ms");
  options->send_batch_size = static_cast<uint64_t>(IntegerOf(values, "send-batch-size"));
  options->poolsize = static_cast<int>(IntegerOf(values, "poolsize"));
}

Status SetRequestShape(const OptionValues& values, Options* options) {
  auto shape = MakeRequestShapeOptions(values);
  if (!shape) return std::unexpected(shape.error());
  options->request_shape = std::move(*shape);
  return {};
}

Status SetSampling(const OptionValues& values, Options* options) {
  auto sampling = MakeSampleConfig(values);
  if (!sampling) return std::unexpected(sampling.error());
  options->sampling = std::move(*sampling);
  return {};
}

// --- What is remembered ---

std::string DefaultStateDir(const Environment& environment) {
  if (const std::string_view dirs = environment.Get("STATE_DIRECTORY"); !dirs.empty()) {
    return std::string(dirs.substr(0, dirs.find(':')));  // systemd may name several
  }
  if (environment.root) return "/var/lib/hctail";
  // The XDG specification says to ignore relative paths.
  if (const std::string_view xdg = environment.Get("XDG_STATE_HOME"); xdg.starts_with('/')) {
    return std::string(xdg) + "/hctail";
  }
  if (const std::string_view home = environment.Get("HOME"); !home.empty()) {
    return std::string(home) + "/.local/state/hctail";
  }
  return {};
}

Status CheckSpool(const OptionValues& values, const Options& options) {
  if (!values.Has("spool")) return {};
  if (options.spool_dir.empty()) {
    return Fail("the name of the spool's directory is empty" + values.From("spool"));
  }
  if (std::ranges::count(options.files, "-") == 0) {
    return Fail("--spool is for standard input, which is not read" + values.From("spool"),
                "Read it with -f -, or leave out --spool.");
  }
  if (options.spool_dir == options.state_dir) {
    return Fail("the spool cannot be in the state directory itself" + values.From("spool"),
                "Give it a directory of its own, such as '" + options.state_dir + "/spool'.");
  }
  if (options.spool_max < 4 * options.max_line) {
    return Fail("--spool-max is less than four times --max-line" + values.From("spool-max"));
  }
  return {};
}

Status SetState(const OptionValues& values, const Environment& environment, Options* options) {
  options->state_dir_explicit = values.Has("state-dir");
  options->state_dir = options->state_dir_explicit ? std::string(values.Get("state-dir"))
                                                   : DefaultStateDir(environment);
  options->spool_dir = values.Get("spool");
  options->spool_max = BytesOf(values, "spool-max");
  if (Status spool = CheckSpool(values, *options); !spool) return spool;
  const bool keeps = options->state_dir_explicit || values.Has("spool") ||
                     options->output == Options::Output::kHoneycomb;
  if (options->state_dir_explicit && options->state_dir.empty()) {
    return Fail("the state directory's name is empty" + values.From("state-dir"));
  }
  if (keeps && options->state_dir.empty()) {
    return Fail(
        "there is no state directory: neither STATE_DIRECTORY, XDG_STATE_HOME nor HOME is set",
        "Name one with --state-dir DIR.");
  }
  if (values.Has("dead-letter")) {
    options->dead_letter_path = values.Get("dead-letter");
    options->dead_letter_explicit = true;
    if (options->dead_letter_path.empty()) {
      return Fail("the dead-letter file's name is empty" + values.From("dead-letter"));
    }
  } else {
    options->dead_letter_path = options->state_dir.empty()
                                    ? "dead-letter.jsonl"
                                    : options->state_dir + "/dead-letter.jsonl";
  }
  options->dead_letter_max = BytesOf(values, "dead-letter-max");
  return {};
}

// --- How it behaves ---

void SetRunning(const OptionValues& values, Options* options) {
  options->shutdown_timeout = DurationOf(values, "shutdown-timeout");
  options->status_interval = DurationOf(values, "status-interval");
  const std::string_view level = values.Get("log-level");
  options->log_level = level == "debug"   ? Log::Level::kDebug
                       : level == "warn"  ? Log::Level::kWarning
                       : level == "error" ? Log::Level::kError
                                          : Log::Level::kInfo;
}

}  // namespace

Environment Environment::OfThisProcess() {
  Environment environment{.root = ::geteuid() == 0};
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view pair = *entry;
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    environment.variables.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return environment;
}

std::string_view Environment::Get(std::string_view name) const {
  const auto it = variables.find(name);
  return it == variables.end() ? std::string_view() : std::string_view(it->second);
}

Options MakeOptions(const GivenOptions& given, const Environment& environment,
                    std::vector<Error>* problems) {
  const OptionValues values = CheckedValues(given, problems);
  Options options;
  // In this order: what is missing is said before what is odd, and the output decides defaults.
  SetSending(values, &options);
  SetRunning(values, &options);
  for (const Status& set : {
           SetParser(values, environment, &options),
           SetApiHost(values, &options),
           SetCompression(values, &options),
           SetRequestShape(values, &options),
           SetSampling(values, &options),
           SetOutput(given, values, environment, &options),
           SetInput(given, values, &options),
           SetState(values, environment, &options),
       }) {
    if (!set) problems->push_back(set.error());
  }
  return options;
}

Result<Options> MakeOptions(const GivenOptions& given, const Environment& environment) {
  std::vector<Error> problems;
  Options options = MakeOptions(given, environment, &problems);
  if (!problems.empty()) return std::unexpected(std::move(problems.front()));
  return options;
}

Result<Options> MakeStateOptions(const GivenOptions& given, const Environment& environment) {
  const Result<OptionValues> values = CheckedValues(given);
  if (!values) return std::unexpected(values.error());
  Options options;
  options.output = Options::Output::kHoneycomb;  // a state directory is needed in any case
  if (const Status set = SetState(*values, environment, &options); !set) {
    return std::unexpected(set.error());
  }
  SetRunning(*values, &options);
  options.json = values->Has("json");
  options.repair = values->Has("repair");
  return options;
}

}  // namespace hctail
