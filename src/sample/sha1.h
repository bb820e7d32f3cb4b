// SPDX-License-Identifier: Apache-2.0
// SHA-1 for the hash coin: the one door to libcrypto.
//
// honeytail and Refinery decide by the first four bytes of a SHA-1, so a fleet that is to agree
// with them has no choice of hash.  It is not used for secrets.
//
// Not thread-safe: one per worker.  Allocates only when it is made.  Tested by coin_test.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

struct evp_md_ctx_st;
struct evp_md_st;

namespace hctail {

class Sha1 {
 public:
  Sha1();
  ~Sha1();

  // The first eight bytes, big-endian, of SHA-1(text + salt).
  uint64_t Hash(std::string_view text, std::string_view salt);

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
    void operator()(evp_md_st* method) const;
  };
  std::unique_ptr<evp_md_st, Free> method_;
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace hctail
