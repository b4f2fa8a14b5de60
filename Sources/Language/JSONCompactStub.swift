extension JSON { var compactText: String { "" } }
