using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Engines;

namespace Axle.Platform.Workloads;

/// <summary>
/// Turns a workload into what an engine runs in one environment: placeholders expanded, files read, quantities in
/// numbers. Reads its surroundings through <see cref="ScoreContext"/> and changes nothing.
/// </summary>
public static class ScoreResolver
{
    /// <summary>The workload for one environment, or every reason why it cannot run there.</summary>
    public static Result<ResolvedWorkload> Resolve(Score score, ScoreContext context)
    {
        ArgumentNullException.ThrowIfNull(score);
        ArgumentNullException.ThrowIfNull(context);
        if (Unprovided(score, context.Provisioners) is { } missing)
        {
            return missing;
        }

        return new Resolving(score, context).Run();
    }

    /// <summary>
    /// The refusal <c>workloads.no_provisioner</c> when a resource has a type that nobody provides; null otherwise. A
    /// build asks early, while places in the file are known. Provisioners are asked by <see cref="Resolve"/> only, so
    /// with any of them the answer is left to that.
    /// </summary>
    public static Error? Unprovided(Score score, IReadOnlyList<IResourceOutputs>? provisioners = null)
    {
        ArgumentNullException.ThrowIfNull(score);
        if (provisioners is { Count: > 0 })
        {
            return null;
        }

        var problems = score.Resources
            .Where(r => !BuiltInResources.Provide(r.Value.Type, r.Value.Class))
            .Select(r => Unprovided(r.Key, r.Value, []))
            .ToList();
        return problems.Count == 0 ? null : ScoreErrors.NoProvisioner(score.Metadata.Name, problems);
    }

    private static Problem Unprovided(string name, ScoreResource resource, IReadOnlyList<IResourceOutputs> provisioners) => new(
        $"nobody provides the type '{resource.Type}', class '{resource.Class ?? ScoreResource.DefaultClass}'; types provided here: {string.Join(", ", BuiltInResources.Types.Concat(provisioners.SelectMany(one => one.Types)).Distinct().Order(StringComparer.Ordinal))}",
        resource.Place?.File,
        resource.Place?.Line,
        resource.Place?.Column,
        Field.Join("resources", name));

    private sealed class Resolving(Score score, ScoreContext context)
    {
        private readonly List<Problem> _problems = [];
        private readonly List<Problem> _unprovided = [];
        private readonly Dictionary<string, ResourceOutputs> _outputs = new(StringComparer.Ordinal);

        /// <summary>By what a volume's source may be: the resource's uid, or the name of a folder.</summary>
        private readonly Dictionary<string, ResourceOutputs> _asked = new(StringComparer.Ordinal);

        public Result<ResolvedWorkload> Run()
        {
            // 1. Resources first, each after those that its params ask for.
            foreach (var name in Graph.Order(score.Resources.Keys, n => ScoreChecks.Needs(score.Resources[n])).Order)
            {
                Provide(name, score.Resources[name]);
            }

            // 2. Folders that are only named are resources too: they are kept when the workload goes.
            foreach (var source in score.Containers.Values.SelectMany(container => container.Volumes.Values).Select(volume => volume.Source).Where(ScoreResource.IsId).Distinct())
            {
                var name = score.Resources.ContainsKey(source) ? $"{source}-folder" : source;
                var uid = $"volume.{ScoreResource.DefaultClass}#{score.Metadata.Name}.{name}";
                Ask(source, new ResourceNeed(uid, "volume", ScoreResource.DefaultClass, name, score.Metadata.Name, s_noParams), place: null, Field.Join("volumes", source));
            }

            // 3. Then the containers, which may use any of them.
            var containers = score.Containers.Select(c => new ContainerResolver(score, c.Key, c.Value, context, Expand, VolumeOf, _problems).Resolve()).ToList();
            if (_unprovided.Count > 0)
            {
                return ScoreErrors.NoProvisioner(score.Metadata.Name, _unprovided);
            }

            return _problems.Count > 0
                ? ScoreErrors.Unresolved(score.Metadata.Name, _problems)
                : new ResolvedWorkload(containers, [.. score.Ports.Select(p => new PortSpec(p.Key, p.Value.TargetPort, p.Value.Protocol))]);
        }

        private void Provide(string name, ScoreResource resource)
        {
            // Its params would have holes; that one of those it asks is missing was reported there.
            if (ScoreChecks.Needs(resource).Any(other => !_outputs.ContainsKey(other)))
            {
                return;
            }

            var path = Field.Join("resources", name);
            var given = resource.Params.ValueKind == JsonValueKind.Undefined ? s_noParams : ExpandJson(YamlValue.From(resource.Params), $"{path}.params").ToJson();
            var need = new ResourceNeed(score.UidOf(name), resource.Type, resource.Class ?? ScoreResource.DefaultClass, name, score.Metadata.Name, given);
            if (!Ask(score.UidOf(name), need, resource.Place, path))
            {
                _unprovided.Add(Unprovided(name, resource, context.Provisioners));
            }
            else if (_asked.TryGetValue(score.UidOf(name), out var outputs))
            {
                _outputs[name] = outputs;
            }
        }

        /// <summary>False when nobody provides it; what is wrong with one that somebody does is a problem.</summary>
        private bool Ask(string source, ResourceNeed need, Place? place, string path)
        {
            foreach (var provisioner in context.Provisioners.Append(new BuiltInResources(context)))
            {
                if (provisioner.Find(need) is not { } answer)
                {
                    continue;
                }

                if (answer.TryGet(out var outputs, out var error))
                {
                    _asked[source] = outputs;
                }
                else
                {
                    _problems.Add(new Problem(error.Message, place?.File, place?.Line, place?.Column, path));
                }

                return true;
            }

            return false;
        }

        /// <summary>The engine's volume of a source; null for a folder of the workload alone.</summary>
        private string? VolumeOf(string source) => _asked.GetValueOrDefault(source)?.Volume;

        private YamlValue ExpandJson(YamlValue value, string path) => value switch
        {
            YamlScalar { Type: ScalarType.Text } text => text with { Text = Expand(text.Text, path) },
            YamlList list => list with { Items = [.. list.Items.Select((item, i) => ExpandJson(item, $"{path}.{i}"))] },
            YamlMap map => map with { Entries = [.. map.Entries.Select(e => e with { Value = ExpandJson(e.Value, Field.Join(path, e.Key)) })] },
            _ => value,
        };

        private string Expand(string text, string path) => Placeholders.Expand(text, placeholder =>
        {
            var found = placeholder.Parts[0] == Placeholder.Metadata ? MetadataLookup.Find(score.Metadata.All, placeholder) : Output(placeholder, path);
            return found is { } value ? MetadataLookup.ToText(value) : "";
        });

        private JsonElement? Output(Placeholder placeholder, string path)
        {
            var name = placeholder.Parts[1];
            if (placeholder.Parts.Count == 2)
            {
                return JsonSerializer.SerializeToElement(score.UidOf(name));
            }

            // No outputs: that was reported where the resource is declared.
            if (!_outputs.TryGetValue(name, out var outputs))
            {
                return null;
            }

            var found = MetadataLookup.Find(outputs.Values, placeholder.Parts.Skip(2));
            if (found is null)
            {
                _problems.Add(new Problem(Missing(placeholder, outputs), Path: path));
            }

            return found;
        }

        // Names of outputs only, never their values.
        private string Missing(Placeholder placeholder, ResourceOutputs outputs)
        {
            var known = outputs.Values.ValueKind == JsonValueKind.Object ? outputs.Values.EnumerateObject().Select(p => p.Name).Take(20).ToList() : [];
            var what = score.Resources[placeholder.Parts[1]].Type == "environment" ? "the environment has no such variable" : "the resource has no such output";
            return $"the placeholder {placeholder} leads nowhere: {what}{(known.Count == 0 ? "" : $" (there are {string.Join(", ", known)})")}";
        }

        private static readonly JsonElement s_noParams = JsonElement.Parse("{}");
    }
}

/// <summary>One container of a workload, resolved.</summary>
internal sealed partial class ContainerResolver(Score score, string name, ScoreContainer container, ScoreContext context, Func<string, string, string> expand, Func<string, string?> volumeOf, ICollection<Problem> problems)
{
    /// <summary>Bytes of all files of a container: they travel inside the engine's wish.</summary>
    private const long FilesLengthMax = 4 * 1024 * 1024;

    private readonly string _path = Field.Join("containers", name);

    public ContainerSpec Resolve() => new()
    {
        Name = name,
        Command = Command(),
        Variables = container.Variables.ToDictionary(v => v.Key, v => expand(v.Value, Field.Join($"{_path}.variables", v.Key))),
        Files = Files(),
        Volumes = [.. container.Volumes.Select(v => Volume(v.Key, v.Value))],
        Limits = new LimitSpec(
            container.Limits?.Memory is { } memory ? Quantity.Bytes(memory) : null,
            container.Limits?.Cpu is { } cpu && Quantity.CpuMillis(cpu) is > 0 and var millis ? millis : null),
        Readiness = Probe(container.ReadinessProbe),
        Liveness = Probe(container.LivenessProbe),
        Before = container.Before,
    };

    private IReadOnlyList<string> Command()
    {
        var program = container.Command is { Count: > 0 } own ? own : context.ImageCommand(name, container.Image);
        if (program.Count == 0 && container.Args is { Count: > 0 })
        {
            problems.Add(new Problem("there are args but nothing to give them to: add a command", Path: $"{_path}.args"));
        }

        return [.. program, .. container.Args ?? []];
    }

    private List<FileSpec> Files()
    {
        var files = new List<FileSpec>();
        var length = 0L;
        foreach (var (target, file) in container.Files)
        {
            var path = Field.Join($"{_path}.files", target);
            CheckTarget(target, path);
            var content = Content(file, path);
            length += content.Length;
            files.Add(new FileSpec(target, Convert.ToBase64String(content.Span), file.Mode ?? "0644"));
        }

        if (length > FilesLengthMax)
        {
            problems.Add(new Problem($"the files have {length} bytes together, and at most {FilesLengthMax} are put into a container", Path: $"{_path}.files"));
        }

        return files;
    }

    private ReadOnlyMemory<byte> Content(ScoreContainerFile file, string path)
    {
        if (file.BinaryContent is { } binary)
        {
            return Convert.FromBase64String(binary);
        }

        if (file.Content is { } text)
        {
            return Encoding.UTF8.GetBytes(file.NoExpand ? text : expand(text, $"{path}.content"));
        }

        if (!context.ReadFile(file.Source!).TryGet(out var bytes, out var error))
        {
            problems.Add(new Problem(error.Message, Path: $"{path}.source"));
            return default;
        }

        return file.NoExpand || Utf8(bytes) is not { } read ? bytes : Encoding.UTF8.GetBytes(ExpandRead(read, $"{path}.source"));
    }

    // The text of a source file was not there when the workload was checked.
    private string ExpandRead(string text, string path)
    {
        var mistakes = Placeholders.Find(text)
            .Select(p => p.Mistake ?? Unknown(p))
            .OfType<string>()
            .Distinct()
            .ToList();
        foreach (var mistake in mistakes)
        {
            problems.Add(new Problem($"{mistake} (or set noExpand)", Path: path));
        }

        return mistakes.Count > 0 ? "" : expand(text, path);
    }

    private string? Unknown(Placeholder placeholder) => placeholder.Parts[0] == Placeholder.Metadata
        ? MetadataLookup.Find(score.Metadata.All, placeholder) is null ? $"the placeholder {placeholder} leads nowhere" : null
        : score.Resources.ContainsKey(placeholder.Parts[1]) ? null : $"the placeholder {placeholder} asks for a resource that is not declared";

    // Anything that is not text is left as it is, as Score's tools do.
    private static string? Utf8(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return s_strict.GetString(bytes.Span);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private VolumeSpec Volume(string target, ScoreVolume volume)
    {
        var path = Field.Join($"{_path}.volumes", target);
        CheckTarget(target, path);
        if (!target.StartsWith('/'))
        {
            problems.Add(new Problem("a volume's target must be an absolute path", Path: path));
        }

        if (volume.Path is { } inner && (inner.StartsWith('/') || inner.Split('/').Contains("..")))
        {
            problems.Add(new Problem("the path must be relative, and stay inside the volume", Path: $"{path}.path"));
        }

        var source = expand(volume.Source, $"{path}.source");
        if (!VolumeName().IsMatch(source))
        {
            problems.Add(new Problem("the source is no volume's name; use ${resources.name} with a resource of type volume", Path: $"{path}.source"));
        }
        else if (score.Resources.FirstOrDefault(r => score.UidOf(r.Key) == source) is { Key: { } named, Value: { Type: not "volume" } other })
        {
            problems.Add(new Problem($"the resource '{named}' is of type '{other.Type}' and cannot be mounted", Path: $"{path}.source"));
        }

        // To an engine it is the name of a folder, where '#' is not allowed; neither class nor id has a '_', so names stay apart.
        return new VolumeSpec(target, source.Replace('#', '_'), volume.Path, volume.ReadOnly) { Volume = volumeOf(source) };
    }

    private void CheckTarget(string target, string path)
    {
        if (target.EndsWith('/') || target.Split('/').Any(part => part is ".." or "."))
        {
            problems.Add(new Problem("the target must be a plain path, without '..' and without a slash at its end", Path: path));
        }
    }

    // exec is preferred where both are given: it asks the workload itself rather than its address.
    private static ProbeSpec? Probe(ScoreProbe? probe) => probe switch
    {
        { Exec: { } command } => new ProbeSpec(Exec: command),
        { HttpGet: { } http } => new ProbeSpec(new HttpProbe(http.Port, http.Path.StartsWith('/') ? http.Path : "/" + http.Path, http.Scheme ?? "HTTP", http.Host, http.Headers.Count == 0 ? null : http.Headers)),
        _ => null,
    };

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._#-]{0,250}\z")]
    private static partial Regex VolumeName();
}
