extension CacheConfiguration {
  /// The effective value of every setting that has a variable and where it comes from, as text for
  /// people.
  ///
  /// First the variables of all caches, then the caches that were made and those that have
  /// variables of their own, and at the end the variables that name no setting, and what
  /// ``checkCacheNames(_:)`` would throw. ``Cache/explainConfiguration()`` shows all settings of
  /// one cache.
  ///
  /// - Returns: Several lines, the last one with a line break as well.
  public func explainConfiguration() -> String {
    var lines = explanation(title: "all caches", forCache: "", defaults: CacheSettings())
    lines.append("  " + Self.row("RESERVE", reserve.description, reserveSource))
    let (secret, source) = logSecret == nil ? ("none", "default") : ("set", LogSecretVariable.name)
    lines.append("  " + Self.row(LogSecretVariable.settingName, secret, source))
    let made = namesAskedFor.sorted
    for (name, defaults) in made {
      lines += explanation(title: "cache \(name)", forCache: name, defaults: defaults)
    }
    let madeInVariables = Set(made.map { Self.variableName(ofCache: $0.name) })
    for name in namesInVariables where !madeInVariables.contains(name) {
      lines += explanation(title: "cache \(name)", forCache: name, defaults: CacheSettings())
    }
    if !unknownVariables.isEmpty {
      lines.append("unknown variables: " + unknownVariables.joined(separator: ", "))
    }
    for issue in Self.issues(ofNames: namesAskedFor.all).sorted(by: { $0.variable < $1.variable }) {
      lines.append(issue.description)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The effective value of every setting of one cache and where it comes from.
  ///
  /// - Parameters:
  ///   - name: The name of the cache.
  ///   - defaults: The settings where no variable gives another.
  /// - Returns: Several lines, the last one with a line break as well.
  package func explainConfiguration(
    forCache name: String, defaults: CacheSettings = CacheSettings()
  ) -> String {
    explanation(title: "cache \(name)", forCache: name, defaults: defaults)
      .map { $0 + "\n" }.joined()
  }

  private func explanation(
    title: String, forCache name: String, defaults: CacheSettings
  ) -> [String] {
    let effective = effectiveSettings(forCache: name, defaults: defaults)
    let builtIn = CacheSettings()
    return [title]
      + Setting.all.map { setting in
        let source =
          if let assignment = assignment(of: setting, forCache: name) {
            "\(assignment.variable)=\(assignment.value)"
          } else if setting.text(defaults) == setting.text(builtIn) {
            "default"
          } else {
            "options"
          }
        return "  " + Self.row(setting.name, setting.text(effective), source)
      }
  }

  private var reserveSource: String {
    reserve == .automatic ? "default" : ReserveVariable.name
  }

  /// Three columns.
  private static func row(_ name: String, _ value: String, _ source: String) -> String {
    name.padded(to: 24) + value.padded(to: 12) + source
  }
}

extension String {
  /// The text, filled up with blanks behind it to a width in characters.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
