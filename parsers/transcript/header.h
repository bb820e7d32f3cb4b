// SPDX-License-Identifier: Apache-2.0
// What the header of a session says, of any version and in any language.
//
// Fields are known by their place: user, RunAs user, perhaps the configuration's name, machine (the
// first that ends with parentheses), host application (which may have several lines), process id
// (the number before "PSVersion:"), and then the lines of $PSVersionTable, whose names are English
// everywhere.  Versions 1 to 4 have only user and machine.
//
// Functions only.  Tested by blocks_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "parsers/transcript/blocks.h"

namespace hctail::transcript {

struct Header {
  std::string start_label;
  std::string start_digits;
  std::string language;  // "de"; empty if unknown
  std::string user;
  std::string runas_user;
  std::string configuration;
  std::string machine;
  std::string machine_os;
  std::string host_application;
  std::string process_id;
  std::string version;
  std::string edition;
  std::string git_commit;
  std::string os;
  std::string platform;

  // Of PowerShell; 2 if the header does not say it (versions 1 to 4).
  int major_version() const;
  // What the same process writes again for another of its runspaces.
  bool SameProcess(const Header& other) const {
    return !process_id.empty() && process_id == other.process_id && machine == other.machine;
  }
};

// `block` is of kind kHeader or kShort.
Header ReadHeader(const Piece& block);

}  // namespace hctail::transcript
