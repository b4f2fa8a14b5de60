internal import CLibCrypto

/// HMAC-SHA256 (RFC 2104), by libcrypto.
func hmacSHA256(_ data: [UInt8], key: [UInt8]) -> [UInt8] {
  var code = [UInt8](repeating: 0, count: 32)
  let done = slothunter_hmac_sha256(key, key.count, data, data.count, &code)
  precondition(done == 1, "libcrypto computes HMAC-SHA256 of any bytes")
  return code
}

/// Compares in a time that does not depend on where they differ.
func equalInConstantTime(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
}
