import Storage

extension CommonFlags {
  static let store = Flag("--store", "FILE", "the store (default: as in the configuration)")
}

/// Opens the store a command works on; what stands in the way becomes an exit code.
enum StoreAccess {
  static func open(_ arguments: Arguments, mode: Store.Mode) throws -> Store {
    try open(try arguments["--store"] ?? Workspace.storePath(arguments), mode: mode)
  }

  static func open(_ path: String, mode: Store.Mode) throws -> Store {
    do {
      return try Store(path: path, mode: mode)
    } catch let error as StoreError {
      throw CommandFailure(code(of: error.reason), error.description, help: help(error.reason))
    }
  }

  private static func help(_ reason: StoreError.Reason) -> String? {
    switch reason {
    case .missing: "nothing has run yet; `slothunter run` makes it"
    case .inUse: "another slothunter runs on this store; stop it first"
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
