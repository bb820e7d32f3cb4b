// SPDX-License-Identifier: Apache-2.0
// What container runtimes put around every line of a container's output.
//
//  - Docker's json-file driver (moby, daemon/logger/jsonfilelog):
//      {"log":"text\n","stream":"stdout","attrs":{"tag":"web"},"time":"2024-03-05T06:07:08.9Z"}
//    A line of more than 16 KiB comes in pieces, of which only the last ends with \n.
//  - CRI (kubernetes/design-proposals-archive, node/kubelet-cri-logging.md):
//      2024-03-05T06:07:08.912345678Z stdout F text
//    P in the place of F says that the line goes on in the next piece of that stream.
//
// The parser of such files is parsers/unwrap; this is for those who choose a format.
// No state.  Tested by unwrap/wrapped_line_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"

namespace hctail {

enum class Wrapper : uint8_t { kNone, kDocker, kCri };

// What is around all of `first_lines` (at least one), else kNone.
Wrapper DetectWrapper(std::span<const std::string_view> first_lines);

// The same, unless --unwrap among `options` says it.  `before`: what the file before it at its path
// was in; that is kept if one line can only tell so much, or if it is around any of them.
Wrapper WrapperOf(const OptionValues& options, std::span<const std::string_view> first_lines,
                  Wrapper before = Wrapper::kNone);

// What the program wrote, line by line without terminators, its pieces joined; with kNone that is
// `lines` themselves.  What is not wrapped so is left out, and a last line that has not ended
// unless there is no other of its stream.
std::vector<std::string> UnwrapLines(Wrapper wrapper, std::span<const std::string_view> lines);

// What the events of a container's log are best filed under, by its path: the container's name, or
// its pod's; "docker" where there is only an id, which changes with every start.  Nothing if `path`
// is no container's.
std::optional<std::string> ContainerDataset(std::string_view path);

}  // namespace hctail
