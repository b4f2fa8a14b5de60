@preconcurrency import Dispatch
import Glibc
import Synchronization

/// Tells at once when files may have been saved, by inotify.
///
/// It only makes looks come sooner: what counts is found by looking (``LiveFiles``), each second all the same. So what
/// inotify does not see (network folders, a symlink far above, a queue that overflowed) is seen a second later.
final class FolderEvents: Sendable {
  private struct Name: Hashable {
    var folder: Int32
    var name: String
  }

  private struct State {
    var folders: [String: Int32] = [:]
    /// Paths by where they are in a folder that is followed: their own, and that of what a symlink leads to.
    var names: [Name: [String]] = [:]
    /// Paths whose writer has closed them, or that were moved into place.
    var saved: Set<String> = []
  }

  /// An element after something happened; looks that nobody waited for are one.
  let happened: AsyncStream<Void>
  private let descriptor: Int32
  private let state = Mutex(State())
  private let source: any DispatchSourceRead
  private let tell: AsyncStream<Void>.Continuation

  /// What ends a save: a close after writing, a rename into place, a removal. Not each write: a log file may be beside.
  private static let mask = UInt32(
    bitPattern: IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF)
  private static let endsSave = UInt32(bitPattern: IN_CLOSE_WRITE | IN_MOVED_TO)
  private static let overflow = UInt32(bitPattern: IN_Q_OVERFLOW)

  /// nil where this system gives none (each user may have 128).
  init?() {
    let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
    (happened, tell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
    let take: @Sendable () -> Void = { [weak self] in self?.read() }
    source.setEventHandler(handler: take)
    source.setCancelHandler { close(descriptor) }
    source.resume()
  }

  deinit {
    source.cancel()
    tell.finish()
  }

  /// Follows the folders of these files, and no others any more.
  func follow(_ paths: [String]) {
    state.withLock { state in
      var wanted: [String: Int32] = [:]
      state.names = [:]
      for path in paths {
        for place in Set([path, FolderEvents.target(of: path)]) {
          let (folder, name) = FolderEvents.split(place)
          guard let number = wanted[folder] ?? watch(folder) else { continue }
          wanted[folder] = number
          state.names[Name(folder: number, name: name), default: []].append(path)
        }
        // A folder of specs is followed for files that are new in it.
        if Files.isDirectory(path), let number = wanted[path] ?? watch(path) { wanted[path] = number }
      }
      let kept = Set(wanted.values)
      for number in Set(state.folders.values).subtracting(kept) { inotify_rm_watch(descriptor, number) }
      state.folders = wanted
    }
  }

  /// Files that were saved completely since this was asked last.
  func takeSaved() -> Set<String> {
    state.withLock { state in
      defer { state.saved = [] }
      return state.saved
    }
  }

  private func watch(_ folder: String) -> Int32? {
    let number = inotify_add_watch(descriptor, folder, FolderEvents.mask)
    return number >= 0 ? number : nil
  }

  private func read() {
    var isNews = false
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      isNews = note(buffer[..<count]) || isNews
    }
    if isNews { tell.yield() }
  }

  /// Fields of `struct inotify_event` in its order: wd, mask, cookie, len (inotify(7)), then `len` bytes of a name.
  private func note(_ bytes: ArraySlice<UInt8>) -> Bool {
    let header = 16
    var isNews = false
    var rest = bytes
    while rest.count >= header {
      func word(_ index: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(rest[rest.startIndex + index * 4 + $1]) << UInt32($1 * 8) }
      }
      let length = Int(word(3))
      guard rest.count >= header + length else { break }
      let name = String(decoding: rest.dropFirst(header).prefix(length).prefix { $0 != 0 }, as: UTF8.self)
      isNews = note(Name(folder: Int32(bitPattern: word(0)), name: name), mask: word(1)) || isNews
      rest = rest.dropFirst(header + length)
    }
    return isNews
  }

  private func note(_ name: Name, mask: UInt32) -> Bool {
    state.withLock { state in
      let known = state.names[name] ?? []
      if mask & FolderEvents.endsSave != 0 { state.saved.formUnion(known) }
      let isSpec = !name.name.hasPrefix(".") && (name.name.hasSuffix(".yaml") || name.name.hasSuffix(".yml"))
      return isSpec || !known.isEmpty || name.name.isEmpty || mask & FolderEvents.overflow != 0
    }
  }

  /// Where a symlink leads to in the end; the path itself for what is none.
  private static func target(of path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.index(after: slash)...]))
  }
}
