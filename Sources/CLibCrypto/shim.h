#pragma once
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/// HMAC-SHA256 of `data`; `out` takes 32 bytes. 1 when it was computed.
static inline int slothunter_hmac_sha256(const unsigned char *key, size_t key_length, const unsigned char *data,
                                         size_t data_length, unsigned char *out) {
  unsigned int length = 0;
  return HMAC(EVP_sha256(), key, (int)key_length, data, data_length, out, &length) != NULL && length == 32;
}
