// SPDX-License-Identifier: Apache-2.0
#include "cli/flags.h"

#include <algorithm>

#include "parsers/parser.h"
#include "sample/sample_options.h"
#include "transform/request_shape_options.h"

namespace hctail {
namespace {

using Type = OptionSpec::Type;
using Table = std::vector<OptionSpec>;

constexpr int64_t kGiB = int64_t{1} << 30;

const Table& InputOptions() {
  static const Table& table = *new Table{
      {.name = "file",
       .short_name = 'f',
       .metavar = "FILE",
       .help = "read FILE: a path, a quoted glob such as '/var/log/*.log', or - for standard input",
       .repeated = true,
       .category = "Input",
       .detail =
           "May be given several times. ** in a glob is any number of folders; a folder stands "
           "for the files in it that are not hidden. What does not exist yet is waited for, "
           "and files that begin to match later are read too. Files packed with gzip, zstd, "
           "bzip2 or xz are unpacked, and not read if what they hold was read before.",
       .common = true},
      {.name = "filter-file",
       .short_name = 'F',
       .metavar = "GLOB",
       .help = "leave out files that match GLOB",
       .repeated = true,
       .category = "Input",
       .detail = "May be given several times. GLOB is compared with the whole path."},
      {.name = "backfill",
       .type = Type::kFlag,
       .help = "read each file from its beginning, stop at its end, and exit",
       .category = "Input",
       .detail = "The exit status is 0 only if every record was settled. An interrupted backfill "
                 "resumes where it stopped; a finished one forgets its positions.",
       .common = true},
      {.name = "tail.read-from",
       .type = Type::kChoice,
       .metavar = "beginning|end|last",
       .help = "where to begin in a file that was there before hctail",
       .aliases = {"tail.read_from"},
       .category = "Input",
       .detail =
           "last is where the previous run stopped, or the end of a file seen for the first "
           "time. The default is last when events are sent and beginning when they are "
           "printed. A file that appears while hctail runs is always read from its beginning. "
           "The word start means beginning."},
      {.name = "tail.stop",
       .type = Type::kFlag,
       .help = "stop at the end of each file instead of waiting for more",
       .category = "Input"},
      {.name = "tail.poll",
       .type = Type::kFlag,
       .help = "look at the files at intervals instead of waiting for inotify",
       .category = "Input",
       .detail =
           "File systems without inotify are polled in any case. What is written through a "
           "memory mapping is not announced, and seen within 10 seconds unless it is polled."},
      {.name = "max-open-files",
       .type = Type::kInteger,
       .metavar = "COUNT",
       .help = "keep at most COUNT files open at once",
       .category = "Input",
       .detail =
           "More files than that may be followed: those that have been quiet longest are closed, "
           "and opened again when they grow. The default is what the hard limit of open files "
           "(ulimit -Hn) leaves after all else.",
       .min = 1,
       .max = 1'000'000},
      {.name = "max-line",
       .type = Type::kBytes,
       .metavar = "SIZE",
       .default_text = "1MB",
       .help = "cut lines that are longer than SIZE",
       .category = "Input",
       .detail = "The event of a line that was cut has the field meta.cut_from_bytes: how long the "
                 "line was. If what is left cannot be parsed it goes to the dead letters.",
       .min = 1024,
       .max = kGiB},
      {.name = "on-overlong",
       .type = Type::kChoice,
       .metavar = "cut|dead-letter",
       .default_text = "cut",
       .help = "what to do with lines that are longer than --max-line",
       .category = "Input"},
      {.name = "encoding",
       .metavar = "NAME",
       .default_text = "auto",
       .help = "the character set of the files, such as UTF-16LE, latin1 or shift_jis",
       .category = "Input",
       .detail = "auto tells UTF-8 and UTF-16 apart, by a byte order mark or without one."},
      {.name = "lone-cr",
       .type = Type::kFlag,
       .help = "a carriage return without a line feed after it ends a line, too",
       .category = "Input"},
      {.name = "flush-partial-after",
       .type = Type::kDuration,
       .metavar = "TIME",
       .default_text = "5s",
       .help = "send a line without an end once nothing was added to it for TIME; 0 is never",
       .category = "Input",
       .detail =
           "If it grows after all, the whole line is sent again, never its second half alone. "
           "At the end of a backfill such a line is sent at once."},
  };
  return table;
}

const Table& ParsingOptions() {
  static const Table& table = *new Table{
      {.name = "parser",
       .short_name = 'p',
       .metavar = "PARSER",
       .default_text = "auto",
       .help = "the format of the lines; auto recognises it",
       .category = "Parsing",
       .detail =
           "auto looks at the first lines of each file and says what it found, what came next and "
           "why. If none fits a single file that is the end; of several files, see --on-unparsed. "
           "A container's log of unknown lines is plain text. If later 20 lines running are of "
           "another format that is said, and the file is read as that from there on, also after "
           "a restart; with a parser given by name it is only said. A file that begins where "
           "another "
           "one was, rotated away or truncated, has the format of that one, unless two lines or "
           "more "
           "tell another and it does not fit them.",
       .common = true},
      {.name = "log-prefix",
       .metavar = "REGEX",
       .help = "take REGEX off the beginning of each line before it is parsed",
       .aliases = {"log_prefix"},
       .category = "Parsing",
       .detail = "Its named groups become fields. A line that does not match is parsed whole."},
      {.name = "on-unparsed",
       .type = Type::kChoice,
       .metavar = "drop|dead-letter|raw",
       .default_text = "dead-letter",
       .help = "what to do with a line that is not of the format",
       .category = "Parsing",
       .detail =
           "raw sends it whole as the field message, with the reason in meta.unparsed, and the "
           "time that is found in it or that of the line before; with --parser auto it makes files "
           "of no known format plain text. All are counted, and the first ones are shown in the "
           "status."},
      {.name = "timezone",
       .metavar = "ZONE",
       .help = "the zone of timestamps that name none, such as Europe/Oslo; UTC if not given",
       .category = "Parsing",
       .detail = "Wins over --localtime. PowerShell transcripts are in this machine's zone if "
                 "none is given."},
      {.name = "localtime",
       .type = Type::kFlag,
       .help = "timestamps that name no zone are in this machine's zone",
       .category = "Parsing"},
  };
  return table;
}

const Table& DestinationOptions() {
  static const Table& table = *new Table{
      {.name = "output",
       .type = Type::kChoice,
       .metavar = "stdout|honeycomb",
       .help = "print events as JSON lines, or send them",
       .category = "Output",
       .detail = "The default is honeycomb if there is an API key, else stdout.",
       .common = true},
      {.name = "dry-run",
       .type = Type::kFlag,
       .help = "print events instead of sending them: --output stdout",
       .aliases = {"debug-stdout", "debug_stdout"},
       .category = "Output",
       .stands_for = "output=stdout",
       .common = true},
      {.name = "dataset",
       .short_name = 'd',
       .metavar = "NAME",
       .help = "the dataset; if not given, the file's name without folder and extension",
       .category = "Output",
       .detail = "For standard input that is stdin; for a container's log below /var/log/pods or "
                 "/var/log/containers the container's name, and below Docker's folder docker.",
       .common = true},
      {.name = "writekey-file",
       .metavar = "FILE",
       .help = "read the API key from FILE",
       .category = "Output",
       .detail = "The key may also come from $HONEYCOMB_API_KEY or from "
                 "$CREDENTIALS_DIRECTORY/writekey (systemd's LoadCredential).",
       .common = true},
      {.name = "writekey",
       .short_name = 'k',
       .metavar = "KEY",
       .help = "the API key itself; every user of this machine can see it, so prefer a file",
       .category = "Output"},
      {.name = "api-host",
       .metavar = "URL",
       .default_text = "https://api.honeycomb.io",
       .help = "where the Events API is; a path is kept",
       .aliases = {"api_host"},
       .category = "Output"},
      {.name = "skip-auth-check",
       .type = Type::kFlag,
       .help = "do not ask the API at start whether the key is good",
       .category = "Output",
       .detail = "For proxies that do not answer /1/auth."},
      {.name = "request-timeout",
       .type = Type::kDuration,
       .metavar = "TIME",
       .default_text = "60s",
       .help = "send a request again if there is no answer in this time",
       .category = "Output"},
      {.name = "ca-file",
       .metavar = "FILE",
       .help = "trust the certificate authorities in FILE (PEM) instead of the system's",
       .category = "Output"},
  };
  return table;
}

const Table& SendingOptions() {
  static const Table& table = *new Table{
      {.name = "compression",
       .metavar = "zstd|gzip|none[:LEVEL]",
       .default_text = "zstd:1",
       .help = "how request bodies are packed",
       .category = "Sending",
       .detail = "Levels are 1 to 19 for zstd and 1 to 9 for gzip."},
      {.name = "poolsize",
       .short_name = 'P',
       .type = Type::kInteger,
       .metavar = "COUNT",
       .default_text = "4",
       .help = "how many requests may be under way at once",
       .category = "Sending",
       .min = 1,
       .max = 256},
      {.name = "send-frequency-ms",
       .type = Type::kDuration,
       .metavar = "TIME",
       .default_text = "40ms",
       .help = "send a batch at this age even if it is not full",
       .aliases = {"send_frequency_ms"},
       .category = "Sending",
       .detail = "0 means the default.",
       .unit = "ms"},
      {.name = "send-batch-size",
       .type = Type::kInteger,
       .metavar = "COUNT",
       .default_text = "10000",
       .help = "at most this many events in a batch",
       .aliases = {"send_batch_size"},
       .category = "Sending",
       .detail = "0 means the default.",
       .max = 1'000'000},
      {.name = "backoff",
       .type = Type::kFlag,
       .help = "accepted for honeytail's sake: hctail always waits and sends again",
       .category = "Sending"},
  };
  return table;
}

const Table& StateOptions() {
  static const Table& table = *new Table{
      {.name = "state-dir",
       .metavar = "DIR",
       .help = "keep positions and dead letters in DIR",
       .category = "State",
       .detail = "The default is $STATE_DIRECTORY, else /var/lib/hctail for root, else "
                 "$XDG_STATE_HOME/hctail, else ~/.local/state/hctail. With --output stdout nothing "
                 "is kept unless DIR is given.",
       .common = true},
      {.name = "dead-letter",
       .metavar = "FILE",
       .help = "append records that can never be sent to FILE, as JSON lines",
       .category = "State",
       .detail = "The default is dead-letter.jsonl in the state directory."},
      {.name = "dead-letter-max",
       .type = Type::kBytes,
       .metavar = "SIZE",
       .default_text = "100MB",
       .help = "start a new dead-letter file at SIZE and keep one old one",
       .category = "State",
       .min = 4096},
      {.name = "spool",
       .metavar = "DIR",
       .help = "keep what is read from standard input in DIR until it is settled",
       .category = "State",
       .detail = "Then an outage of the API does not stop its writer, and a kill of hctail loses "
                 "nothing that it had read. What is left is sent by the next run with this DIR."},
      {.name = "spool-max",
       .type = Type::kBytes,
       .metavar = "SIZE",
       .default_text = "1GB",
       .help = "stop reading standard input while the spool holds SIZE",
       .category = "State",
       .min = 65536},
      {.name = "tail.hash-statefile-paths",
       .type = Type::kFlag,
       .help = "accepted for honeytail's sake: hctail never mixes up files of one name",
       .aliases = {"tail.hash_statefile_paths"},
       .category = "State"},
  };
  return table;
}

const Table& RunningOptions() {
  static const Table& table = *new Table{
      {.name = "shutdown-timeout",
       .type = Type::kDuration,
       .metavar = "TIME",
       .default_text = "10s",
       .help = "after a signal, wait this long for what is under way",
       .category = "Running"},
      {.name = "status-interval",
       .type = Type::kDuration,
       .metavar = "TIME",
       .default_text = "60s",
       .help = "how often a summary is printed; 0 is never",
       .aliases = {"status_interval"},
       .category = "Running"},
      {.name = "log-level",
       .type = Type::kChoice,
       .metavar = "debug|info|warn|error",
       .default_text = "info",
       .help = "print messages of this level and above",
       .aliases = {"log_level"},
       .category = "Running"},
      {.name = "debug",
       .type = Type::kFlag,
       .help = "print everything: --log-level debug",
       .category = "Running",
       .stands_for = "log-level=debug"},
      {.name = "config",
       .short_name = 'c',
       .metavar = "FILE",
       .help = "read options from FILE; the command line wins over it",
       .category = "Running",
       .detail = "hctail.conf(5) describes the file; honeytail's is understood.",
       .common = true,
       .in_config_file = false},
  };
  return table;
}

const Table& CommandOptions() {
  static const Table& table = *new Table{
      {.name = "json",
       .type = Type::kFlag,
       .help = "check, state show: print JSON",
       .category = "Of commands",
       .detail = "check prints one document, state show one object for each file.",
       .in_config_file = false},
      {.name = "repair",
       .type = Type::kFlag,
       .help = "state check: mend what can be mended",
       .category = "Of commands",
       .in_config_file = false},
      {.name = "online",
       .type = Type::kFlag,
       .help = "check: ask the API whether the key is good",
       .category = "Of commands",
       .detail = "No event is sent.",
       .in_config_file = false},
      {.name = "lines",
       .type = Type::kInteger,
       .metavar = "COUNT",
       .default_text = "100000",
       .help = "check: try the first COUNT lines of each file; 0 is all",
       .category = "Of commands",
       .in_config_file = false},
      {.name = "color",
       .type = Type::kChoice,
       .metavar = "auto|always|never",
       .default_text = "auto",
       .help = "check: whether the report has colours",
       .aliases = {"colour"},
       .category = "Of commands",
       .detail = "auto is yes on a terminal, unless NO_COLOR is set.",
       .in_config_file = false},
  };
  return table;
}

const Table& OtherModes() {
  static const Table& table = *new Table{
      {.name = "help",
       .short_name = 'h',
       .type = Type::kFlag,
       .help = "print help and exit: -h the short one, --help all of it",
       .category = "Other modes",
       .common = true,
       .in_config_file = false},
      {.name = "version",
       .short_name = 'V',
       .type = Type::kFlag,
       .help = "print the version and exit",
       .category = "Other modes",
       .common = true,
       .in_config_file = false},
      {.name = "list-parsers",
       .short_name = 'l',
       .type = Type::kFlag,
       .help = "print the parsers and exit",
       .aliases = {"list"},
       .category = "Other modes",
       .common = true,
       .in_config_file = false},
  };
  return table;
}

Table BuildTable() {
  Table all;
  const auto append = [&all](const auto& options) {
    all.insert(all.end(), options.begin(), options.end());
  };
  append(InputOptions());
  append(ParsingOptions());
  append(RecordOptions());
  for (const ParserSpec& parser : AllParsers()) append(parser.options);
  append(RequestShapingOptions());
  append(SampleOptions());
  append(DestinationOptions());
  append(SendingOptions());
  append(StateOptions());
  append(RunningOptions());
  append(CommandOptions());
  append(OtherModes());
  return all;
}

}  // namespace

const std::vector<OptionSpec>& AllOptions() {
  static const Table& table = *new Table(BuildTable());
  return table;
}

const OptionSpec* FindOption(std::string_view name) {
  for (const OptionSpec& option : AllOptions()) {
    if (option.name == name || std::ranges::count(option.aliases, name) > 0) return &option;
  }
  return nullptr;
}

std::vector<std::string_view> ChoicesOf(const OptionSpec& option) {
  std::vector<std::string_view> choices;
  std::string_view rest = option.metavar;
  while (true) {
    const size_t bar = rest.find('|');
    choices.push_back(rest.substr(0, bar));
    if (bar == std::string_view::npos) return choices;
    rest.remove_prefix(bar + 1);
  }
}

void AddDefaults(OptionValues* values) {
  for (const OptionSpec& option : AllOptions()) {
    if (option.default_text.empty() || values->Has(option.name)) continue;
    values->Set(option.name, {std::string(option.default_text)});
  }
}

}  // namespace hctail
