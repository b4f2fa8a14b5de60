import Language
import PluginHost
import TestSupport
import Testing

@testable import Notifying

struct RedactionTests {
  private let secret = "123:A/b+C=d e&ü-0123456789"

  @Test func `no form of a secret stays`() {
    let redaction = Redaction(secrets: [secret])
    let lowerCased = percentEncoded(secret).replacing("%2F", with: "%2f").replacing("%3A", with: "%3a")
      .replacing("%2B", with: "%2b").replacing("%3D", with: "%3d").replacing("%C3%BC", with: "%c3%bc")
    for form in [
      secret, percentEncoded(secret), percentEncoded(secret, keeping: ":"), lowerCased,
      Base64.encode(Array(secret.utf8)), secret.replacing("/", with: "\\/"),
    ] {
      #expect(redaction.scrub("before " + form + " after") == "before ••• after")
      #expect(redaction.scrub(form + "\u{301}").contains(form) == false)
    }
    for before in ["", "x", "xy", "user:", "a longer prefix:"] {
      for after in ["", "z", "zz"] {
        let encoded = Base64.encode(Array((before + secret + after).utf8))
        #expect(redaction.scrub(encoded).contains("•••"), "\(before) \(after)")
      }
    }
  }

  @Test func `parts of a secret address go too`() {
    let redaction = Redaction(secrets: ["https://hooks.example/services/T000/B000/XXXXsecretXXXX"])
    #expect(redaction.scrub("POST /services/T000/B000/XXXXsecretXXXX failed") == "POST ••• failed")
    #expect(redaction.scrub("no_service XXXXsecretXXXX") == "no_service •••")
  }

  @Test func `signing secrets go with and without their prefix, each of several`() {
    let redaction = Redaction(secrets: ["whsec_AAECAwQFBgcICQoL whsec_MfKQ9r8GKYqrTwjU"])
    #expect(redaction.scrub("AAECAwQFBgcICQoL and whsec_MfKQ9r8GKYqrTwjU") == "••• and •••")
  }

  @Test func `details are one short line without addresses`() {
    let redaction = Redaction(secrets: [])
    #expect(redaction.detail("a\nb\u{1B}[2J\u{0}", addresses: []) == "a b[2J")
    #expect(redaction.detail(String(repeating: "x", count: 2_000_000))?.count == 500)
    #expect(redaction.detail("no chat 123456789 here", addresses: ["123456789"]) == "no chat ••• here")
    #expect(redaction.detail("  \n ") == nil)
    #expect(redaction.detail(String(decoding: [0x41, 0xFF], as: UTF8.self)) == "A\u{FFFD}")
  }

  @Test func `short settings do not take words apart`() {
    #expect(Redaction(secrets: ["ok", ""]).scrub("it is ok") == "it is ok")
  }

  @Test func `an address that is part of a secret does not shield the rest of the secret`() {
    let redaction = Redaction(secrets: ["123456789:AAH-example-token"])
    let words = "bot123456789:AAH-example-token has no chat 123456789"
    #expect(redaction.detail(words, addresses: ["123456789"]) == "bot••• has no chat •••")
  }

  @Test func `control characters inside a secret do not hide it`() {
    let redaction = Redaction(secrets: ["a-secret-of-ours"])
    #expect(redaction.detail("key a-sec\u{0}ret-of-ours is bad") == "key ••• is bad")
  }

  @Test func `a mobile number goes in the forms in which a provider gives it back`() {
    let redaction = Redaction(secrets: [])
    for form in ["09120000000", "9120000000"] {
      #expect(redaction.detail("mobile \(form) is bad", addresses: ["09120000000"]) == "mobile ••• is bad")
    }
    for form in ["+989120000000", "00989120000000"] {
      #expect(redaction.detail(form, addresses: ["09120000000"])?.contains("912") == false)
    }
  }
}
