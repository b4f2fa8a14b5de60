import Glibc

/// How many files and connections this process may have open.
public enum OpenFiles {
  /// Raises the soft limit to the hard one. Shells and systemd give a soft 1,024, for the sake of programs that use
  /// `select`; none of ours does, and 256 kept connections, channels and the store come near it.
  ///
  /// - Returns: The limit that holds now.
  @discardableResult
  public static func raiseLimit() -> UInt64 {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    guard limit.rlim_cur < limit.rlim_max else { return UInt64(limit.rlim_cur) }
    var raised = limit
    raised.rlim_cur = limit.rlim_max
    let done = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0
    return UInt64(done ? raised.rlim_cur : limit.rlim_cur)
  }
}
