// SPDX-License-Identifier: Apache-2.0
// Lines of the input as syslog messages in every mode.
#include "tests/fuzz/records.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr hctail::Setup kSetups[] = {
      {"syslog", "", ""},
      {"syslog", "syslog.mode", "rfc3164"},
      {"syslog", "syslog.mode", "rfc5424"},
      {"syslog", "syslog.structured-data", "fields"},
      {"syslog", "syslog.processes", "a,b"},
  };
  hctail::RunSetups(kSetups, data, size);
  return 0;
}
