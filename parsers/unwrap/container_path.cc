// SPDX-License-Identifier: Apache-2.0
#include "parsers/unwrap/container_path.h"

#include <algorithm>

namespace hctail::unwrap {
namespace {

constexpr size_t kIdSize = 64;

bool IsContainerId(std::string_view text) {
  return text.size() == kIdSize && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// Takes what stands behind the last `separator` off `text`; all of it if there is none.
std::string_view TakeLast(std::string_view* text, char separator) {
  const size_t at = text->rfind(separator);
  const std::string_view last = at == std::string_view::npos ? *text : text->substr(at + 1);
  *text = at == std::string_view::npos ? std::string_view() : text->substr(0, at);
  return last;
}

// "POD_NAMESPACE_CONTAINER-ID.log"
bool ReadLink(std::string_view file, ContainerFacts* facts) {
  if (!file.ends_with(".log")) return false;
  file.remove_suffix(4);
  std::string_view container = TakeLast(&file, '_');
  const std::string_view id = TakeLast(&container, '-');
  const std::string_view name_space = TakeLast(&file, '_');
  if (!IsContainerId(id) || container.empty() || name_space.empty() || file.empty()) return false;
  *facts = {{"k8s.namespace.name", std::string(name_space)},
            {"k8s.pod.name", std::string(file)},
            {"k8s.container.name", std::string(container)},
            {"container.id", std::string(id)}};
  return true;
}

// "NAMESPACE_POD_UID", "CONTAINER" and "0.log" or "0.log.20240305-060708"
bool ReadPod(std::string_view pod, std::string_view container, std::string_view file,
             ContainerFacts* facts) {
  const std::string_view restarts = file.substr(0, file.find_first_not_of("0123456789"));
  if (restarts.empty() || (restarts[0] == '0' && restarts.size() > 1) ||
      !file.substr(restarts.size()).starts_with(".log"))
    return false;
  const std::string_view uid = TakeLast(&pod, '_');
  const std::string_view name = TakeLast(&pod, '_');
  if (uid.empty() || name.empty() || pod.empty() || container.empty()) return false;
  *facts = {{"k8s.namespace.name", std::string(pod)},
            {"k8s.pod.name", std::string(name)},
            {"k8s.pod.uid", std::string(uid)},
            {"k8s.container.name", std::string(container)},
            {"k8s.container.restart_count", std::string(restarts)}};
  return true;
}

}  // namespace

ContainerFacts ReadContainerPath(std::string_view path) {
  ContainerFacts facts;
  const std::string_view file = TakeLast(&path, '/');
  const std::string_view folder = TakeLast(&path, '/');
  const std::string_view above = TakeLast(&path, '/');
  if (ReadLink(file, &facts)) return facts;
  if (IsContainerId(folder) && file.starts_with(std::string(folder) + "-json.log")) {
    return {{"container.id", std::string(folder)}};
  }
  ReadPod(above, folder, file, &facts);
  return facts;
}

}  // namespace hctail::unwrap
