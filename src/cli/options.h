// SPDX-License-Identifier: Apache-2.0
// What the command line, the config file and the environment mean together, as plain typed fields.
//
// Everything here has been checked: a number is in its range, a choice is one of its words, and
// with Output::kHoneycomb there is a key.  Nothing has been opened but the config file and the
// file that holds the key.
//
// Tested by options_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/option.h"
#include "base/result.h"
#include "base/time.h"
#include "sample/sample_plan.h"
#include "ship/api_host.h"
#include "transform/request_shape.h"

namespace hctail {

// The part of the process's surroundings that options depend on; a test writes its own.
struct Environment {
  std::map<std::string, std::string, std::less<>> variables = {};
  bool root = false;  // the effective user is root

  static Environment OfThisProcess();
  // The value, or "" if it is unset.
  std::string_view Get(std::string_view name) const;
};

struct Options {
  enum class Output { kStdout, kHoneycomb };
  enum class ReadFrom { kBeginning, kEnd, kLast };

  // What is read.
  std::vector<std::string> files;    // globs, or "-"; never empty
  std::vector<std::string> filters;  // globs of files to leave out
  ReadFrom read_from = ReadFrom::kLast;
  bool backfill = false;        // implies stop and ReadFrom::kBeginning
  bool stop = false;            // end at the end of each file
  bool poll = false;            // do not rely on inotify
  uint64_t max_open_files = 0;  // 0: as many as the system allows
  uint64_t max_line = 0;
  bool cut_overlong = true;  // false: to the dead letters
  bool lone_cr = false;
  std::string encoding;            // "auto" or a name, not looked up yet
  Duration flush_partial_after{};  // 0: never

  // How it is understood.
  std::string parser;           // "auto" or a name that FindParser knows
  std::string on_unparsed;      // "drop", "dead-letter" or "raw"
  std::string dataset;          // empty: the file's stem
  std::string zone;             // IANA name, not looked up yet; empty: UTC, or local if `localtime`
  std::string machine_zone;     // IANA name from $TZ, likewise; empty: that of /etc/localtime
  OptionValues parser_options;  // --log-prefix and every option of every parser
  bool localtime = false;       // false if `zone` is set

  // What is made of it.
  RequestShapeOptions request_shape;

  // What of it is sent.
  SampleConfig sampling;

  // Where it goes.
  bool output_is_default = true;  // nobody named it: stdout because there is no key
  bool skip_auth_check = false;
  Output output = Output::kStdout;
  std::string write_key;         // empty with kStdout; never print it
  std::string write_key_origin;  // "--writekey", "/etc/hctail/key", "$HONEYCOMB_API_KEY"
  ApiHost api_host;
  Duration request_timeout{};
  std::string ca_file;        // empty: the system's
  std::string compression;    // "zstd", "gzip" or "none"
  int compression_level = 0;  // 0 with "none"
  int poolsize = 0;
  Duration send_frequency{};
  uint64_t send_batch_size = 0;

  // What is remembered.
  std::string state_dir;         // may be empty with kStdout if there is no home directory
  std::string dead_letter_path;  // in the state directory, or here if there is none
  bool dead_letter_explicit = false;
  uint64_t dead_letter_max = 0;
  std::string spool_dir;  // of standard input; empty: none
  uint64_t spool_max = 0;
  bool state_dir_explicit = false;  // with kStdout positions are kept only if this is set

  // Of the commands on the state.
  bool json = false;    // state show
  bool repair = false;  // state check

  // How it behaves.
  Log::Level log_level = Log::Level::kInfo;
  Duration shutdown_timeout{};
  Duration status_interval{};  // 0: never
};

// What was typed and what the config file says, before it means anything.  The command line wins.
struct GivenOptions {
  OptionValues command_line;
  OptionValues config_file;
};

// Error: something is wrong, missing or contradictory; the key's value is in no message.
Result<Options> MakeOptions(const GivenOptions& given, const Environment& environment);

// The same; all that is wrong is told in `problems`.  If there is any, the options are of no use
// but to look for more.
Options MakeOptions(const GivenOptions& given, const Environment& environment,
                    std::vector<Error>* problems);

// As MakeOptions, for commands that only look at the state directory: needs no files and no key.
Result<Options> MakeStateOptions(const GivenOptions& given, const Environment& environment);

}  // namespace hctail
