// SPDX-License-Identifier: Apache-2.0
// The state directory: making it, locking it, and saying in words why that cannot be done.
//
// One hctail at a time holds flock on DIRECTORY/lock; its pid stands inside for whoever comes
// second.  The lock goes with the process, however that ends; the file stays.
//
// Functions only.  Tested by state_directory_test.cc.
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace hctail {

// Makes `directory` and its parents, mode 0700, where they are missing, and checks that files can
// be made in it.
Status MakeStateDirectory(const std::string& directory);

// The lock, held as long as the descriptor is open.
Result<Fd> LockStateDirectory(const std::string& directory);

// Says of the file or directory at `path` who may use it and who we are:
// "The directory is root:adm, mode 0750; hctail runs as 'hctail' (uid 998), which is not in group
// adm."  Empty if it cannot be looked at.
std::string DescribePermissions(const std::string& path);

// Of a state directory in which nothing can be written because of `error_number`.
Error CannotWriteIn(const std::string& directory, int error_number);

}  // namespace hctail
