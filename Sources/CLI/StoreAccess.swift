import Storage

extension CommonFlags {
  static let store = Flag("--store", "FILE", "the store (default: as in the configuration)")
  static let reserve = Flag(
    "--reserve", "SIZE", "room set aside beside the store for a full disk: 16MiB, 512KiB, 0 for none (default: 16MiB)")
}

/// Opens the store a command works on; what stands in the way becomes an exit code.
enum StoreAccess {
  static func open(_ arguments: Arguments, mode: Store.Mode) throws -> Store {
    try open(try arguments["--store"] ?? Workspace.storePath(arguments), mode: mode)
  }

  /// - Parameter reserve: As ``Store/init(path:mode:reserve:)`` takes it.
  static func open(_ path: String, mode: Store.Mode, reserve: Int = StoreReserve.standard) throws -> Store {
    do {
      return try Store(path: path, mode: mode, reserve: reserve)
    } catch let error as StoreError {
      throw failure(error)
    }
  }

  static func failure(_ error: StoreError) -> CommandFailure {
    CommandFailure(code(of: error.reason), error.description, help: help(error.reason))
  }

  private static func help(_ reason: StoreError.Reason) -> String? {
    switch reason {
    case .inUse: "`status`, `outbox`, `why` and `subscriptions` work beside it"
    case .damaged, .notAStore: "nothing was changed; docs/storage.md says how to restore it"
    case .newer: "run the version that wrote it, or restore a backup of this version"
    case .full: "make room on its disk"
    default: nil
    }
  }

  private static func code(of reason: StoreError.Reason) -> ExitCode {
    switch reason {
    case .missing: .noInput
    case .inUse, .busy: .tryLater
    case .damaged, .notAStore, .newer, .outdated: .dataFormat
    default: .cannotStore
    }
  }
}

extension StoreReserve {
  static func bytes(_ arguments: Arguments) throws -> Int {
    guard let text = arguments["--reserve"] else { return standard }
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)]
    let unit = units.first { text.hasSuffix($0.0) }
    guard let number = Int(text.dropLast(unit?.0.count ?? 0)), (0...1024).contains(number), number == 0 || unit != nil
    else {
      throw CommandFailure(.usage, "'\(text)' is no size", help: "write it as 16MiB, or 0 for no reserve")
    }
    return number << (unit?.1 ?? 0)
  }
}
