using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform;

namespace Axle.Tests;

/// <summary>
/// Who may know whom. Between assemblies the compiled references are read; between the capability folders of
/// Axle.Platform, which are one assembly, the signatures of the types and the text of the files.
/// </summary>
public sealed partial class BoundaryTests
{
    private const string Platform = "Axle.Platform";

    /// <summary>Axle's assemblies that each one may refer to, at most.</summary>
    private static readonly Dictionary<string, string[]> s_assemblies = new()
    {
        ["Axle.Contracts"] = [],
        ["Axle.Entities"] = ["Axle.Contracts"],
        ["Axle.Engines"] = ["Axle.Contracts"],
        ["Axle.Platform"] = ["Axle.Contracts", "Axle.Entities", "Axle.Engines"],
        ["Axle.Portal"] = ["Axle.Contracts", "Axle.Entities", "Axle.Engines", "Axle.Platform"],
        ["axle-server"] = ["Axle.Contracts", "Axle.Entities", "Axle.Engines", "Axle.Platform", "Axle.Portal"],
        ["axle-agent"] = ["Axle.Contracts", "Axle.Engines"],
        ["axle"] = ["Axle.Contracts"],
    };

    /// <summary>Folders that stand below every capability.</summary>
    private static readonly string[] s_shared = ["Http", "Files", "Processes", "Workloads"];

    /// <summary>Whose public types each capability may use, beyond the shared folders.</summary>
    private static readonly Dictionary<string, string[]> s_capabilities = new()
    {
        ["Ownership"] = [],
        ["Catalog"] = ["Ownership"],
        ["Standards"] = ["Catalog", "Ownership"],
        ["Secrets"] = ["Catalog", "Ownership"],
        ["Environments"] = ["Secrets", "Catalog", "Ownership"],
        ["Resources"] = ["Environments", "Secrets", "Catalog", "Ownership"],

        // Source and Builds meet through interfaces only: an import asks what would be built, a push asks for a build, and a
        // build asks for the files of a commit.
        ["Source"] = ["Builds", "Secrets", "Catalog", "Ownership"],
        ["Builds"] = ["Source", "Secrets", "Catalog", "Ownership"],
        ["Delivery"] = ["Builds", "Source", "Resources", "Environments", "Secrets", "Standards", "Catalog", "Ownership"],
        ["Templates"] = ["Source", "Builds", "Delivery", "Resources", "Environments", "Secrets", "Catalog", "Ownership"],
        ["Telemetry"] = ["Catalog", "Ownership"],
        ["Insight"] = ["Telemetry", "Catalog", "Ownership"],

        // Endpoints carry verbs and callers.
        ["Http"] = ["Ownership"],
        ["Files"] = [],
        ["Processes"] = [],
        ["Workloads"] = [],
    };

    public static TheoryData<string> Folders => [.. Directory.EnumerateDirectories(Path.Combine(Root(), "src", Platform)).Select(path => Path.GetFileName(path)).Where(name => name is not ("bin" or "obj"))];

    [Fact]
    public void Assemblies_refer_only_to_those_below_them()
    {
        Assembly[] assemblies =
        [
            typeof(EntityRef).Assembly,
            typeof(IEntityStore).Assembly,
            typeof(IEngine).Assembly,
            typeof(PlatformOptions).Assembly,
            Assembly.Load("Axle.Portal"),
            Assembly.Load("axle-server"),
            Assembly.Load("axle-agent"),
            Assembly.Load("axle"),
        ];
        var wrong =
            from assembly in assemblies
            let name = assembly.GetName().Name!
            from reference in assembly.GetReferencedAssemblies()
            where reference.Name!.StartsWith("Axle.", StringComparison.OrdinalIgnoreCase) && !s_assemblies[name].Contains(reference.Name)
            select $"{name} refers to {reference.Name}";
        Assert.True(!wrong.Any(), string.Join("; ", wrong));
    }

    [Fact]
    public void Contracts_and_the_cli_know_no_web_server_and_no_database()
    {
        var wrong =
            from assembly in new[] { typeof(EntityRef).Assembly, Assembly.Load("axle") }
            from reference in assembly.GetReferencedAssemblies()
            where reference.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || reference.Name.Contains("Sqlite", StringComparison.OrdinalIgnoreCase)
            select $"{assembly.GetName().Name} refers to {reference.Name}";
        Assert.True(!wrong.Any(), string.Join("; ", wrong));
    }

    [Theory, MemberData(nameof(Folders))]
    public void A_folder_names_only_folders_that_it_may_know(string folder)
    {
        Assert.True(s_capabilities.ContainsKey(folder), $"src/{Platform}/{folder} is new: say in the table of {nameof(BoundaryTests)} whom it may know.");
        var wrong =
            from file in Files(folder)
            from Match use in Qualified().Matches(file.Text)
            let other = use.Groups["folder"].Value
            where s_capabilities.ContainsKey(other) && !MayKnow(folder, other)
            select $"{file.Name} names {Platform}.{other}";
        Assert.Empty(wrong.Distinct());
    }

    [Theory, MemberData(nameof(Folders))]
    public void A_folders_signatures_use_only_folders_that_it_may_know(string folder)
    {
        var wrong =
            from type in Types(folder)
            from used in Signature(type).SelectMany(Parts)
            let other = FolderOf(used)
            where other is not null && !MayKnow(folder, other)
            select $"{type.FullName} uses {used.FullName}";
        Assert.Empty(wrong.Distinct());
    }

    [Theory, MemberData(nameof(Folders))]
    public void A_folder_uses_no_internal_type_of_another(string folder)
    {
        var own = Types(folder).Select(type => type.Name).ToHashSet();
        var foreign = typeof(PlatformOptions).Assembly.GetTypes()
            .Where(type => !type.IsNested && !type.IsPublic && !IsGenerated(type) && FolderOf(type) is { } other && other != folder && !own.Contains(type.Name))
            .ToLookup(type => FolderOf(type)!, type => type.Name.Split('`')[0]);
        var wrong =
            from file in Files(folder)
            let named = Qualified().Matches(file.Text).Select(use => use.Groups["folder"].Value).ToHashSet()
            from other in foreign
            where named.Contains(other.Key)
            let words = Word().Matches(WithoutText(file.Text)).Select(word => word.Value).ToHashSet()
            from name in other
            where words.Contains(name)
            select $"{file.Name} uses {other.Key}.{name}, which is internal";
        Assert.True(!wrong.Any(), string.Join("; ", wrong));
    }

    private static bool MayKnow(string folder, string other) => folder == other || s_shared.Contains(other) || s_capabilities[folder].Contains(other);

    private static IEnumerable<(string Name, string Text)> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root(), "src", Platform, folder), "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path.GetRelativePath(Root(), path), Comment().Replace(File.ReadAllText(path), "")));

    private static IEnumerable<Type> Types(string folder) =>
        typeof(PlatformOptions).Assembly.GetTypes().Where(type => FolderOf(type) == folder && !IsGenerated(type));

    private static bool IsGenerated(Type type) => type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) || type.Name.Contains('<', StringComparison.Ordinal);

    private static string? FolderOf(Type type) =>
        type.Namespace is { } name && name.StartsWith(Platform + ".", StringComparison.Ordinal) ? name.Split('.')[2] : null;

    /// <summary>The types in a type's bases, fields, properties, methods and constructors.</summary>
    private static IEnumerable<Type> Signature(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return type.GetInterfaces()
            .Concat(type.BaseType is { } parent ? [parent] : [])
            .Concat(type.GetFields(All).Select(field => field.FieldType))
            .Concat(type.GetProperties(All).Select(property => property.PropertyType))
            .Concat(type.GetMethods(All).SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType)))
            .Concat(type.GetConstructors(All).SelectMany(constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType)));
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type)
        : [type];

    private static string WithoutText(string code) => Literal().Replace(code, "\"\"");

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Axle.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run outside of the repository: there is no Axle.slnx above them.");
    }

    [GeneratedRegex(@"\bAxle\.Platform\.(?<folder>[A-Z][A-Za-z]*)\b")]
    private static partial Regex Qualified();

    [GeneratedRegex(@"(?m)//.*$")]
    private static partial Regex Comment();

    [GeneratedRegex("\"(\\\\.|[^\"\\\\\\n])*\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"(?<![.\w])[A-Z]\w*")]
    private static partial Regex Word();
}
