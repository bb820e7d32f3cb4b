// SPDX-License-Identifier: Apache-2.0
// The state directory: making it, locking it, and saying in words why that cannot be done.
//
// One hctail at a time holds flock on DIRECTORY/lock; its pid stands inside for whoever comes
// second.  The lock goes with the process, however that ends; the file stays.
//
// Functions only.  Tested by state_directory_test.cc.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace hctail {

// Makes `directory` and its parents, mode 0700, where they are missing, and checks that files can
// be made in it.
Status MakeStateDirectory(const std::string& directory);

// The lock, held as long as the descriptor is open.
Result<Fd> LockStateDirectory(const std::string& directory);

// Whether `lock` is still the one that another hctail would find in `directory`: false once that,
// or the file in it, was removed or replaced.
bool HoldsLock(const std::string& directory, const Fd& lock);

// Who holds the lock: "hctail (pid 123)", or "another hctail" if that cannot be told; empty:
// nobody. Asks by taking a shared lock for an instant; makes no file.
std::string LockHolder(const std::string& directory);

// For a command that root runs on another user's state: as that user from now on, so that what is
// written can be read by the service.  For everybody else, and if that is root, nothing.
Status ActAsOwner(const std::string& directory);

// "root", or the number of a user who has no name.
std::string NameOfUser(uid_t uid);

// Says of the file or directory at `path` who may use it and who we are:
// "The directory is root:adm, mode 0750; hctail runs as 'hctail' (uid 998), which is not in group
// adm."  Empty if it cannot be looked at.
std::string DescribePermissions(const std::string& path);

// Of a state directory in which nothing can be written because of `error_number`.
Error CannotWriteIn(const std::string& directory, int error_number);

}  // namespace hctail
