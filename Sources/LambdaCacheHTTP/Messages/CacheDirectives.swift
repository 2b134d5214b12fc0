internal import LambdaCacheText

/// The directives of a response, by `Cache-Control` or a field in its place (RFC 9111, section
/// 5.2.2; RFC 5861; RFC 8246; RFC 9213).
struct ResponseDirectives {
  /// Whether they are of a targeted field: then `Expires` does not count either.
  private(set) var isTargeted = false
  private(set) var maxAge = DirectiveSeconds.absent
  private(set) var sharedMaxAge = DirectiveSeconds.absent
  private(set) var staleWhileRevalidate = DirectiveSeconds.absent
  private(set) var staleIfError = DirectiveSeconds.absent
  private(set) var isPublic = false
  private(set) var noStore = false
  private(set) var mustRevalidate = false
  /// Whether `must-revalidate` is well-formed: otherwise it permits nothing.
  private var isPlainMustRevalidate = false
  private(set) var proxyRevalidate = false
  private(set) var mustUnderstand = false
  private(set) var immutable = false
  /// `no-cache` for the whole response.
  private(set) var noCache = false
  /// `private` for the whole response.
  private(set) var isPrivate = false
  /// Names of fields that `no-cache` is restricted to.
  private(set) var noCacheFields: [String] = []
  /// Names of fields that `private` is restricted to.
  private(set) var privateFields: [String] = []

  /// - Parameter text: All values of the field; `nil` if the response has none.
  init(_ text: String?) {
    guard let text else { return }
    let list = DirectiveList(text)
    noStore = list.isTruncated
    for directive in list.directives { note(directive) }
  }

  /// - Parameters:
  ///   - fields: The fields of the response.
  ///   - targetedFields: Names of fields that count in the place of `Cache-Control`: the first of
  ///     them that is valid and not empty (RFC 9213, section 2.2).
  init(_ fields: HTTPHeaderFields, targetedFields: [String]) {
    let targeted = targetedFields.lazy
      .compactMap { name in fields[name].flatMap { StructuredDictionary($0)?.members } }
      .first { !$0.isEmpty }
    self.init(targeted == nil ? fields["cache-control"] : nil)
    isTargeted = targeted != nil
    for member in targeted ?? [] { note(DirectiveList.Directive(member.key, member.value)) }
  }

  private mutating func note(_ directive: DirectiveList.Directive) {
    switch directive.name {
    case "max-age": maxAge.note(directive.argument)
    case "s-maxage": sharedMaxAge.note(directive.argument)
    case "stale-while-revalidate": staleWhileRevalidate.note(directive.argument)
    case "stale-if-error": staleIfError.note(directive.argument)
    case "public": isPublic = isPublic || directive.isBare
    case "no-store": noStore = true
    case "must-revalidate":
      mustRevalidate = true
      isPlainMustRevalidate = isPlainMustRevalidate || directive.isBare
    case "proxy-revalidate": proxyRevalidate = true
    case "must-understand": mustUnderstand = mustUnderstand || directive.isBare
    // Its arguments mean nothing (RFC 8246, section 2).
    case "immutable": immutable = immutable || directive.isWellFormed
    case "no-cache": Self.note(directive, &noCache, &noCacheFields)
    case "private": Self.note(directive, &isPrivate, &privateFields)
    default: break
    }
  }

  /// An argument that is not a quoted list of names, such as `no-cache=""` and `private=true`, is
  /// ignored, which restricts more.
  private static func note(
    _ directive: DirectiveList.Directive, _ whole: inout Bool, _ names: inout [String]
  ) {
    let listed = directive.isQuoted ? directive.argument.map(FieldNames.init) : nil
    if let listed, !listed.hasWildcard, !listed.names.isEmpty {
      names += listed.names
    } else {
      whole = true
    }
  }

  /// Whether a response to an authorized request may be kept for everybody (section 3.5).
  var permitsSharing: Bool {
    if case .seconds = sharedMaxAge { return true }
    return isPublic || isPlainMustRevalidate
  }
}

extension DirectiveList.Directive {
  /// A directive in a targeted field (RFC 9213, section 2.1).
  ///
  /// A value of a type that the directive does not have is an invalid argument: restrictions count
  /// in any case, and permissions do not.
  fileprivate init(_ name: String, _ value: StructuredDictionary.Value) {
    let listsFields = name == "no-cache" || name == "private"
    switch value {
    case .boolean(true): self.init(name, nil)
    case .integer(let number) where !listsFields: self.init(name, String(number))
    case .text(let text) where listsFields: self.init(name, text, isQuoted: true)
    default: self.init(name, nil, isWellFormed: false)
    }
  }

  private init(
    _ name: String, _ argument: String?, isQuoted: Bool = false, isWellFormed: Bool = true
  ) {
    self.init(name: name, argument: argument, isQuoted: isQuoted, isWellFormed: isWellFormed)
  }

  /// Whether it is well-formed and has no argument.
  fileprivate var isBare: Bool { isWellFormed && argument == nil }
}

/// The directives of a request, by `Cache-Control` and `Pragma` (RFC 9111, sections 5.2.1 and 5.4;
/// RFC 5861).
struct RequestDirectives {
  private(set) var maxAge = DirectiveSeconds.absent
  private(set) var minFresh = DirectiveSeconds.absent
  private(set) var staleIfError = DirectiveSeconds.absent
  /// The age beyond its time that a response may have; `nil` if none may be stale.
  private(set) var maxStale: Int?
  private(set) var noCache = false
  private(set) var noStore = false
  private(set) var onlyIfCached = false

  /// No directives.
  init() {}

  /// - Parameters:
  ///   - cacheControl: All values of the field; `nil` if the request has none.
  ///   - pragma: All values of `Pragma`, which counts only without `Cache-Control`.
  init(cacheControl: String?, pragma: String?) {
    guard let cacheControl else {
      noCache =
        pragma.map { DirectiveList($0).directives.contains { $0.name == "no-cache" } } ?? false
      return
    }
    let list = DirectiveList(cacheControl)
    noCache = list.isTruncated
    noStore = list.isTruncated
    for directive in list.directives { note(directive) }
  }

  private mutating func note(_ directive: DirectiveList.Directive) {
    switch directive.name {
    case "max-age": maxAge.note(directive.argument)
    case "min-fresh": minFresh.note(directive.argument)
    case "stale-if-error": staleIfError.note(directive.argument)
    case "no-cache": noCache = true
    case "no-store": noStore = true
    case "only-if-cached": onlyIfCached = true
    case "max-stale":
      guard directive.isWellFormed else {
        maxStale = 0
        break
      }
      guard let argument = directive.argument else {
        maxStale = maxStale ?? DirectiveSeconds.largest
        break
      }
      let seconds = DirectiveSeconds.parse(argument) ?? 0
      maxStale = min(maxStale ?? seconds, seconds)
    default: break
    }
  }
}

/// Names of header fields in a list, as in `Vary` and `Connection`.
struct FieldNames {
  /// In lower case, in the order they came in, each once.
  private(set) var names: [String] = []

  /// Whether `*` is among them, or something that is not a name.
  private(set) var hasWildcard = false

  init(_ text: String) {
    var known: Set<String> = []
    for element in text.split(byte: ASCII.comma) {
      let name = String(String(element).trimmingWhitespace).lowercasedASCII
      if name.isEmpty { continue }
      if name == "*" || !name.utf8.allSatisfy(ASCII.isTokenByte) {
        hasWildcard = true
      } else if known.insert(name).inserted {
        names.append(name)
      }
    }
  }
}
