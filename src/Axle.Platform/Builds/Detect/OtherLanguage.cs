namespace Axle.Platform.Builds;

/// <summary>Languages that are recognized, so that it can be said that they are not built here, instead of starting source that cannot run.</summary>
internal static class OtherLanguage
{
    private static readonly (string File, string Language)[] s_marks =
    [
        ("go.mod", "Go"), ("pom.xml", "Java"), ("build.gradle", "Java"), ("build.gradle.kts", "Kotlin"), ("Gemfile", "Ruby"), ("composer.json", "PHP"),
        ("index.php", "PHP"), ("Cargo.toml", "Rust"), ("mix.exs", "Elixir"), ("deno.json", "Deno"), ("project.clj", "Clojure"), ("build.sbt", "Scala"),
        ("CMakeLists.txt", "C++"), ("gleam.toml", "Gleam"),
    ];

    public static (string Language, string File)? Find(SourceTree tree)
    {
        foreach (var (file, language) in s_marks)
        {
            if (tree.Has(file))
            {
                return (language, file);
            }
        }

        return tree.Top.FirstOrDefault(f => f.EndsWith(".go", StringComparison.Ordinal)) is { } go ? ("Go", go) : null;
    }

    /// <summary>Whether the Procfile starts something that is there already: a file of the repository, or a program of the system by its path or a shell.</summary>
    public static bool IsBuilt(SourceTree tree, Procfile procfile)
    {
        var word = (procfile.Leading?.Text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(w => !w.Contains('=', StringComparison.Ordinal)) ?? "";
        return word is "sh" or "bash" or "exec" || word.StartsWith('/') || tree.Has(word.StartsWith("./", StringComparison.Ordinal) ? word[2..] : word);
    }
}
