// SPDX-License-Identifier: Apache-2.0
// The method is fetched once: OpenSSL 3 looks it up by name otherwise, which costs more than the
// hash itself.
#include "sample/sha1.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace hctail {

void Sha1::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }
void Sha1::Free::operator()(evp_md_st* method) const { EVP_MD_free(method); }

Sha1::Sha1() : method_(EVP_MD_fetch(nullptr, "SHA1", nullptr)), context_(EVP_MD_CTX_new()) {
  HC_CHECK(method_ != nullptr && context_ != nullptr);
}

Sha1::~Sha1() = default;

uint64_t Sha1::Hash(std::string_view text, std::string_view salt) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  const bool done =
      EVP_DigestInit_ex2(context_.get(), method_.get(), nullptr) == 1 &&
      EVP_DigestUpdate(context_.get(), text.data(), text.size()) == 1 &&
      (salt.empty() || EVP_DigestUpdate(context_.get(), salt.data(), salt.size()) == 1) &&
      EVP_DigestFinal_ex(context_.get(), digest, nullptr) == 1;
  HC_CHECK(done);
  uint64_t first = 0;
  for (int i = 0; i < 8; ++i) first = first << 8 | digest[i];
  return first;
}

}  // namespace hctail
