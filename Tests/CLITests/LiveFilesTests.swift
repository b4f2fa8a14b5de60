import Glibc
import Language
import TestSupport
import Testing

@testable import CLI

/// What counts as a change of a file.
struct LiveFilesTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/sites/a.yaml" }

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("one", to: "sites/a.yaml")
  }

  private func files() -> LiveFiles {
    let paths = [folder.path + "/sites", path, folder.path + "/missing.yaml"]
    let stamps = FileStamp.all(paths)
    let contents = Dictionary(paths.compactMap { path in FileContents.now(path).map { (path, $0) } }) { first, _ in
      first
    }
    return LiveFiles(paths, contents: contents, stamps: stamps)
  }

  /// As it was seen by one who looked some time after it was written.
  private func age(_ path: String, seconds: Int) throws {
    var info = stat()
    try #require(stat(path, &info) == 0)
    let then = timespec(tv_sec: info.st_mtim.tv_sec - seconds, tv_nsec: 0)
    try #require(utimensat(AT_FDCWD, path, [then, then], 0) == 0)
  }

  @Test(arguments: EditorHabit.allCases) func `every editor's save is a change, the same text is none`(
    habit: EditorHabit
  ) throws {
    var files = files()
    try habit.save("one", to: path)
    #expect(files.changed(among: files.suspects()).isEmpty)
    try habit.save("two", to: path)
    #expect(files.changed(among: files.suspects()).contains(path))
  }

  @Test func `a save of the same length within the same tick of the clock is seen`() throws {
    var files = files()
    // As if both writes had one stamp: the size and the inode are the same too.
    var info = stat()
    try #require(stat(path, &info) == 0)
    try EditorHabit.truncate.save("two", to: path)
    try #require(utimensat(AT_FDCWD, path, [info.st_mtim, info.st_mtim], 0) == 0)
    try #require(FileStamp(path) == FileStamp.all([path])[path])
    #expect(files.changed(among: files.suspects()) == [path])
  }

  @Test func `a file that was long still is trusted by its stamp, and costs no reading`() throws {
    try age(path, seconds: 60)
    var files = files()
    var info = stat()
    try #require(stat(path, &info) == 0)
    try EditorHabit.truncate.save("two", to: path)
    try #require(utimensat(AT_FDCWD, path, [info.st_mtim, info.st_mtim], 0) == 0)
    // Nothing but its bytes is another: nobody looks at those.
    #expect(files.suspects().isEmpty)
  }

  @Test func `backups and swap files beside a spec are no change, a new spec is`() throws {
    var files = files()
    try folder.write("x", to: "sites/.a.yaml.swp")
    try folder.write("x", to: "sites/a.yaml~")
    #expect(files.changed(among: files.suspects()).isEmpty)
    try folder.write("x", to: "sites/b.yaml")
    #expect(files.changed(among: files.suspects()) == [folder.path + "/sites"])
    try folder.write("x", to: "missing.yaml")
    #expect(files.changed(among: files.suspects()).contains(folder.path + "/missing.yaml"))
  }

  @Test(.timeLimit(.minutes(5)))
  func `inotify tells of a save that is complete, through a symlink too, and of nothing else beside`()
    async throws
  {
    let events = try #require(FolderEvents())
    events.follow([folder.path + "/sites", path])
    let descriptor = open(path, O_WRONLY | O_TRUNC)
    try #require(descriptor >= 0)
    try #require(write(descriptor, "12", 2) == 2)
    try folder.write("log", to: "sites/run.log")
    #expect(events.takeSaved().isEmpty)
    close(descriptor)
    for await _ in events.happened { break }
    #expect(events.takeSaved() == [path])

    try EditorHabit.symlink.save("three", to: path)
    for await _ in events.happened { if events.takeSaved() == [path] { break } }
    events.follow([folder.path + "/sites", path])
    try EditorHabit.truncate.save("four", to: path)
    for await _ in events.happened { if events.takeSaved() == [path] { break } }
    try #require(!Task.isCancelled, "the stream ends at the limit, too")
  }
}
