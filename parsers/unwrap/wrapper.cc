// SPDX-License-Identifier: Apache-2.0
#include "parsers/wrapper.h"

#include <algorithm>

#include "parsers/unwrap/wrapped_line.h"

namespace hctail {
namespace {

bool AreAll(Wrapper wrapper, std::span<const std::string_view> lines) {
  std::string scratch;
  unwrap::WrappedLine read;
  return !lines.empty() && std::ranges::all_of(lines, [&](std::string_view line) {
    return unwrap::ReadWrapped(wrapper, line, &scratch, &read);
  });
}

}  // namespace

Wrapper DetectWrapper(std::span<const std::string_view> first_lines) {
  if (AreAll(Wrapper::kDocker, first_lines)) return Wrapper::kDocker;
  return AreAll(Wrapper::kCri, first_lines) ? Wrapper::kCri : Wrapper::kNone;
}

Wrapper WrapperOf(const OptionValues& options, std::span<const std::string_view> first_lines) {
  const std::string_view named = options.Get("unwrap");
  if (named == "none") return Wrapper::kNone;
  if (named == "docker") return Wrapper::kDocker;
  return named == "cri" ? Wrapper::kCri : DetectWrapper(first_lines);
}

std::optional<std::string> UnwrapLine(Wrapper wrapper, std::string_view line) {
  if (wrapper == Wrapper::kNone) return std::string(line);
  std::string scratch;
  unwrap::WrappedLine read;
  if (!unwrap::ReadWrapped(wrapper, line, &scratch, &read)) return std::nullopt;
  return std::string(read.text);
}

}  // namespace hctail
