import Glibc

/// A mistake of the simulator itself; an optimised `preconditionFailure` would say nothing.
func halt(_ text: String) -> Never {
  let bytes = Array(("simulate: " + text + "\n").utf8)
  _ = write(2, bytes, bytes.count)
  exit(70)
}
