import LambdaCache
import LambdaCacheHandlers
import Testing

@Suite("A cache that tenants share")
struct TenantTests {
  private let profiles = Cache<TenantKey<String>, String>(byteLimit: 1 << 20)

  @Test("A cache that tenants share shows each tenant its own, whatever names and keys are")
  func apart() async throws {
    let names = ["a", "a:", "ab", "b"]
    for tenant in names {
      let view = try profiles.view(ofTenant: tenant)
      for key in ["", ":b", "b"] {
        #expect(view[key] == nil)
        #expect(view.setValue("\(tenant)/\(key)", forKey: key) == .inserted)
      }
    }
    for tenant in names {
      let view = try profiles.view(ofTenant: tenant)
      #expect(view.tenant == tenant)
      for key in ["", ":b", "b"] { #expect(view.value(forKey: key) == "\(tenant)/\(key)") }
    }
    #expect(profiles.count == 12)
  }

  @Test("A cache that tenants share loads for each tenant by itself, one key or several")
  func loading() async throws {
    for tenant in ["a", "b"] {
      let view = try profiles.view(ofTenant: tenant)
      #expect(try await view.value(forKey: "1") { key in "\(tenant)\(key)" } == "\(tenant)1")
      let values = try await view.values(forKeys: ["1", "2", "3"]) { keys in
        #expect(keys == ["2", "3"])
        return ["2": "\(tenant)2"]
      }
      #expect(values == ["1": "\(tenant)1", "2": "\(tenant)2"])
    }
  }

  @Test(
    "A cache that tenants share removes one tenant's entries, and keeps its loads under way out")
  func purging() async throws {
    let (a, b) = (try profiles.view(ofTenant: "a"), try profiles.view(ofTenant: "b"))
    for view in [a, b] { view["1"] = "one" }
    let value = try await a.value(forKey: "2") { [profiles] _ in
      try profiles.view(ofTenant: "a").removeAll()
      return "two"
    }
    #expect(value == "two")
    #expect(a["1"] == nil)
    #expect(a["2"] == nil)
    #expect(b["1"] == "one")
    b["1"] = nil
    #expect(b.removeValue(forKey: "1") == nil)
  }

  @Test("Tenants are told apart whose names are equal as strings but not in their bytes")
  func equivalentNames() async throws {
    // Each pair is equal as `String` has it: composed and decomposed, the Kelvin sign and K, marks
    // in another order.
    let pairs = [("\u{E9}", "e\u{301}"), ("\u{212A}", "K"), ("a\u{323}\u{307}", "a\u{307}\u{323}")]
    for (first, second) in pairs {
      #expect(first == second)
      #expect(
        TenantKey(tenant: first, key: "1") != TenantKey(tenant: second, key: "1"),
        "the keys of two tenants are equal")
      let views = (try profiles.view(ofTenant: first), try profiles.view(ofTenant: second))
      views.0["1"] = "the first's"
      #expect(views.1["1"] == nil)
      #expect(try await views.1.value(forKey: "1") { _ in "the second's" } == "the second's")
      #expect(views.0["1"] == "the first's")
      try profiles.view(ofTenant: first).removeAll()
      #expect(views.0["1"] == nil)
      #expect(views.1["1"] == "the second's")
    }
  }

  @Test("Removing a tenant spares one whose name begins or ends like it")
  func purgingSimilarNames() async throws {
    let others = ["ab", "ba", "aa", "A", "a ", ""]
    let views = try others.map {
      try profiles.view(ofTenant: $0.isEmpty ? nil : $0, isRequired: false)
    }
    for view in views { view["a"] = "kept" }
    let values = try await views[0].values(forKeys: ["loading"]) { [profiles] _ in
      try profiles.view(ofTenant: "a").removeAll()
      return ["loading": "kept"]
    }
    #expect(values == ["loading": "kept"])
    #expect(views[0]["loading"] == "kept")
    for view in views { #expect(view["a"] == "kept", "\(view.tenant) has lost its own") }
    try profiles.view(ofTenant: nil, isRequired: false).removeAll()
    #expect(views.map { $0["a"] } == ["kept", "kept", "kept", "kept", "kept", nil])
  }

  @Test("A cache that tenants share requires a tenant, unless it is configured not to")
  func required() throws {
    #expect(throws: TenantError.missing) { try profiles.view(ofTenant: nil) }
    #expect(throws: TenantError.empty) { try profiles.view(ofTenant: "") }
    try profiles.view(ofTenant: nil, isRequired: false)["1"] = "everybody's"
    #expect(try profiles.view(ofTenant: nil, isRequired: false)["1"] == "everybody's")
    #expect(try profiles.view(ofTenant: "a", isRequired: false)["1"] == nil)
    #expect(throws: TenantError.empty) { try profiles.view(ofTenant: "", isRequired: false) }
    #expect("\(TenantError.missing)".contains("required"))
  }
}
