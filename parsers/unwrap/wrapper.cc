// SPDX-License-Identifier: Apache-2.0
#include "parsers/wrapper.h"

#include <algorithm>
#include <array>
#include <utility>

#include "parsers/unwrap/container_path.h"
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

Wrapper WrapperOf(const OptionValues& options, std::span<const std::string_view> first_lines,
                  Wrapper before) {
  const std::string_view named = options.Get("unwrap");
  if (named == "none") return Wrapper::kNone;
  if (named == "docker") return Wrapper::kDocker;
  if (named == "cri") return Wrapper::kCri;
  const Wrapper found = DetectWrapper(first_lines);
  if (found != Wrapper::kNone || before == Wrapper::kNone) return found;
  const bool keep =
      first_lines.size() <= 1 || std::ranges::any_of(first_lines, [before](std::string_view line) {
        return AreAll(before, {&line, 1});
      });
  return keep ? before : Wrapper::kNone;
}

std::vector<std::string> UnwrapLines(Wrapper wrapper, std::span<const std::string_view> lines) {
  if (wrapper == Wrapper::kNone) return {lines.begin(), lines.end()};
  struct Stream {
    std::string pieces;
    bool any = false;  // line that ended
  };
  std::array<Stream, 2> streams;
  std::vector<std::string> unwrapped;
  std::string scratch;
  unwrap::WrappedLine read;
  for (const std::string_view line : lines) {
    if (!unwrap::ReadWrapped(wrapper, line, &scratch, &read)) continue;
    Stream& stream = streams[static_cast<size_t>(read.stream)];
    stream.pieces += read.text;
    if (!read.ends) continue;
    stream.any = true;
    unwrapped.push_back(std::exchange(stream.pieces, {}));
  }
  for (Stream& stream : streams) {
    if (!stream.any && !stream.pieces.empty()) unwrapped.push_back(std::move(stream.pieces));
  }
  return unwrapped;
}

std::optional<std::string> ContainerDataset(std::string_view path) {
  const unwrap::ContainerFacts facts = unwrap::ReadContainerPath(path);
  if (facts.empty()) return std::nullopt;
  for (const std::string_view name : {"k8s.container.name", "k8s.pod.name"}) {
    const auto fact = std::ranges::find(facts, name, [](const auto& f) { return f.first; });
    if (fact != facts.end()) return fact->second;
  }
  return "docker";
}

}  // namespace hctail
