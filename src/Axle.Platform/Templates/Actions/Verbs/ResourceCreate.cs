using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Resources;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Makes a resource that workloads can use by its id, as <c>axle resource create</c> does, and waits until it is ready. The same
/// id is the same resource, however often it is asked for.
/// </summary>
internal sealed class ResourceCreate(Func<IResourceDesk> desk) : ITemplateAction
{
    private const string Made = "made";
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(2);

    public string Id => "axle:resource:create";

    public string Description => "Makes a database, a bucket or another resource, and waits until it is ready.";

    public JsonObject InputSchema => Schema.Object(
        ["type", "id"],
        ("type", Schema.Text("What it is: postgres, redis, s3 and the like.")),
        ("id", Schema.Text("By which workloads share it: id in score.yaml.")),
        ("environment", Schema.Text("Where; the first when not given.")),
        ("owner", Schema.Text("The group that owns it; the person's own when they have only one.")),
        ("class", Schema.Text("Of the type; default when not given.")),
        ("params", Schema.Map("What the type understands.")),
        ("wait", Schema.Flag("False goes on at once.")));

    public JsonObject OutputSchema => Schema.Object(
        [],
        ("name", Schema.Text("Its name among all resources.")),
        ("entityRef", Schema.Text("Its ref.")),
        ("phase", Schema.Text("How far it is: Ready, unless nobody waited.")));

    public IReadOnlyList<ActionExample> Examples => [new("Makes a database of a team.", """
        steps:
          - action: axle:resource:create
            id: database
            name: Make the database
            input:
              type: postgres
              id: ${{ parameters.name }}-db
              owner: ${{ parameters.owner }}
        """)];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        // 1. Asked for once; what somebody removed meanwhile is not brought back.
        if (run.State.Text(Made) is not { } name)
        {
            var request = new ResourceRequest(run.Input.Text("type")!, run.Input.Text("id")!, run.Input.Text("environment"), run.Input.Text("owner"), run.Input.Text("class"))
            {
                Params = run.Input["params"] is JsonObject given ? JsonSerializer.SerializeToElement(given) : default,
            };
            if (!(await desk().CreateAsync(request, run.Caller, stop)).TryGet(out var made, out var refused))
            {
                return refused;
            }

            name = made.Name;
            await run.RememberAsync(Made, name);
            run.Log($"Asked for {name}");
        }

        // 2. How is it?
        if (desk().Find(name) is not { } view || view.Phase == ResourcePhases.Removed)
        {
            return TemplateErrors.ResourceGone(name);
        }

        return view.Phase switch
        {
            ResourcePhases.Failed => TemplateErrors.ResourceFailed(view),
            not ResourcePhases.Ready when run.Input["wait"] is null || run.Input.Flag("wait") => new ActionResult([], s_lookAgain, $"Waits until {name} is ready."),
            _ => new ActionResult(new JsonObject { ["name"] = name, ["entityRef"] = view.Ref.ToString(), ["phase"] = view.Phase }),
        };
    }
}
