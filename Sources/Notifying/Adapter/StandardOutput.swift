import Glibc
import Synchronization

private let oneAtATime = Mutex(())

/// A line on standard output, whole even where several channels print at once.
public func printToStandardOutput(_ text: String) {
  let line = Array((text + "\n").utf8)
  oneAtATime.withLock { _ in
    var written = 0
    while written < line.count {
      let count = line[written...].withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      // A reader that is gone is no reason to fail: nobody is there to be told.
      guard count > 0 else { return }
      written += count
    }
  }
}
