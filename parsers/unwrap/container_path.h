// SPDX-License-Identifier: Apache-2.0
// What the path of a container's log says of the container, under OpenTelemetry's names.
//
//  /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log          (kubelet's links)
//  /var/log/pods/NAMESPACE_POD_UID/CONTAINER/RESTARTS.log...   (what they lead to)
//  .../containers/ID/ID-json.log...                            (Docker)
//
// Only the last parts of a path count, so that it may be mounted elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hctail::unwrap {

// Names of fields (of static lifetime) and their values.
using ContainerFacts = std::vector<std::pair<std::string_view, std::string>>;

ContainerFacts ReadContainerPath(std::string_view path);

}  // namespace hctail::unwrap
