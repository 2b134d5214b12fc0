// What makes a page of the reader's own.
func page(_ path: String) -> String { path }
