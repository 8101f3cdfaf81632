using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Axle.Cli.Api;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>Runs of templates: what there is, how far one is, and what can be said to it.</summary>
internal static class TaskVerbs
{
    public static IEnumerable<Command> All(AxleCli cli) =>
        [new Verb("task", "Runs of templates", "axle task list", "axle task show 0b9fd1a4-1b0a-4a0b-8a0e-3b1d2c3e4f50") { List(cli), Show(cli), Logs(cli), Cancel(cli), Retry(cli), Discard(cli), Decide(cli, "approve", "Say yes to a task that waits for it", "axle task approve 0b9fd1a4-1b0a-4a0b-8a0e-3b1d2c3e4f50 --message \"As agreed\""), Decide(cli, "reject", "Say no to a task that waits", "axle task reject 0b9fd1a4-1b0a-4a0b-8a0e-3b1d2c3e4f50 --message \"Too large\"") }];

    private static Verb List(AxleCli cli)
    {
        var by = new Option<string?>("--created-by") { Description = "Only those of this user", HelpName = "user" };
        var phase = new Option<string?>("--phase") { Description = "Only those that are open, processing, waiting, completed, failed or cancelled", HelpName = "phase" };
        var limit = Arguments.Number("--limit", "At most this many, newest first; 50 if not given");
        return new Verb("list", "List runs of templates, newest first", "axle task list", "axle task list --phase waiting") { by, phase, limit }.Runs(cli, async (session, parsed, stop) =>
        {
            var query = Paths.Query(("createdBy", parsed.GetValue(by)), ("phase", parsed.GetValue(phase)), ("limit", parsed.GetValue(limit)?.ToString(CultureInfo.InvariantCulture)));
            var tasks = await session.Client.GetAsync("api/tasks" + query, AxleJson.Default.TaskPage, stop);
            return session.Show(tasks, AxleJson.Default.TaskPage, terminal => terminal.Table(
                ["ID", "TEMPLATE", "PHASE", "BY", "AGE", "MESSAGE"],
                tasks.Items.Select(IReadOnlyList<Cell> (task) => [new Cell(task.Id, Tone.Strong), task.Template.Short, Words.State(task.Phase), task.CreatedBy.Short, Words.Ago(task.CreatedAt, session.Now), task.Message]),
                "No templates were run."));
        });
    }

    private static Verb Show(AxleCli cli)
    {
        var id = Id();
        return new Verb("show", "Show how far a task is, and what came of it", "axle task show 0b9fd1a4-1b0a-4a0b-8a0e-3b1d2c3e4f50") { id }.Runs(cli, async (session, parsed, stop) =>
            ShowTask(session, await session.Client.GetAsync(Of(parsed.GetRequiredValue(id)), AxleJson.Default.TaskView, stop)));
    }

    private static Verb Logs(AxleCli cli)
    {
        var id = Id();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the task has ended" };
        return new Verb("logs", "Show a task's log", "axle task logs 0b9fd1a4-1b0a-4a0b-8a0e-3b1d2c3e4f50", "axle task logs 0b9fd1a4-1b0a-4a0b-8a0e-3b1d2c3e4f50 --follow") { id, follow }.Runs(cli, async (session, parsed, stop) =>
        {
            var path = Of(parsed.GetRequiredValue(id), "log");
            if (parsed.GetValue(follow))
            {
                await StreamAsync(session, path, until: null, stop);
                return ExitCodes.Ok;
            }

            var lines = await session.Client.GetAsync(path, AxleJson.Default.ListTaskLine, stop);
            return session.Show(lines, AxleJson.Default.ListTaskLine, _ =>
            {
                foreach (var line in lines)
                {
                    Write(session, line);
                }
            });
        });
    }

    private static Verb Cancel(AxleCli cli)
    {
        var id = Id();
        return new Verb("cancel", "End a task: the step that runs is stopped", "axle task cancel 0b9fd1a4-1b0a-4a0b-8a0e-3b1d2c3e4f50") { id }.Runs(cli, async (session, parsed, stop) =>
        {
            var task = await session.Client.SendAsync(HttpMethod.Post, Of(parsed.GetRequiredValue(id), "cancel"), [], "application/json", AxleJson.Default.TaskView, stop);
            return session.Show(task, AxleJson.Default.TaskView, terminal => terminal.Line($"{task.Id} is being cancelled: axle task show {task.Id}"));
        });
    }

    private static Verb Retry(AxleCli cli)
    {
        var (id, secret) = (Id(), Secret());
        return new Verb("retry", "Go on with a task from the step that did not succeed", "axle task retry 0b9fd1a4-1b0a-4a0b-8a0e-3b1d2c3e4f50", "axle task retry 0b9fd1a4-1b0a-4a0b-8a0e-3b1d2c3e4f50 --secret token=abc") { id, secret }.Runs(cli, async (session, parsed, stop) =>
        {
            var request = new RetryTaskRequest(Arguments.Pairs(parsed.GetValue(secret), "a secret"));
            var task = await session.Client.SendAsync(HttpMethod.Post, Of(parsed.GetRequiredValue(id), "retry"), request, AxleJson.Default.RetryTaskRequest, AxleJson.Default.TaskView, stop);
            return session.Show(task, AxleJson.Default.TaskView, terminal => terminal.Line($"{task.Id} goes on: axle task logs {task.Id} --follow"));
        });
    }

    private static Verb Discard(AxleCli cli)
    {
        var id = Id();
        return new Verb("discard", "Give up a task that did not succeed, and take back the repositories that it made", "axle task discard 0b9fd1a4-1b0a-4a0b-8a0e-3b1d2c3e4f50") { id }.Runs(cli, async (session, parsed, stop) =>
        {
            var task = await session.Client.SendAsync(HttpMethod.Post, Of(parsed.GetRequiredValue(id), "discard"), [], "application/json", AxleJson.Default.TaskView, stop);
            return session.Show(task, AxleJson.Default.TaskView, terminal => terminal.Line($"{task.Id} is given up{(task.Left is { } left ? $"; {string.Join(", ", left.Repositories)} goes, unless somebody pushed to it" : "")}."));
        });
    }

    private static Verb Decide(AxleCli cli, string verb, string description, string example)
    {
        var id = Id();
        var message = new Option<string?>("--message", "-m") { Description = "Why; kept with the task", HelpName = "text" };
        return new Verb(verb, description, example) { id, message }.Runs(cli, async (session, parsed, stop) =>
        {
            var task = await session.Client.SendAsync(HttpMethod.Post, Of(parsed.GetRequiredValue(id), verb), new DecisionRequest(parsed.GetValue(message)), AxleJson.Default.DecisionRequest, AxleJson.Default.TaskView, stop);
            return session.Show(task, AxleJson.Default.TaskView, terminal => terminal.Line($"Said so. axle task show {task.Id}"));
        });
    }

    /// <summary>Prints the log of a task until it has ended or waits for somebody, then what came of it.</summary>
    internal static async Task<int> FollowAsync(Session session, TaskView task, CancellationToken stop)
    {
        if (session.Format == OutputFormat.Table)
        {
            session.Terminal.Note($"Task {task.Id}", Tone.Dim);
        }

        await StreamAsync(session, Of(task.Id, "log"), until: async line => line.Type == "log" && line.Status is null && (await FindAsync()).Approval is not null, stop);
        var now = await FindAsync();
        var exit = ShowTask(session, now);
        return now.Phase == "failed" ? throw RefusedException.Because("task_failed", now.Message ?? "the task failed", now.Next ?? $"axle task retry {now.Id}")
            : now.Phase is "completed" or "waiting" ? exit
            : ExitCodes.Failed;

        Task<TaskView> FindAsync() => session.Client.GetAsync(Of(task.Id), AxleJson.Default.TaskView, stop);
    }

    private static int ShowTask(Session session, TaskView task) => session.Show(task, AxleJson.Default.TaskView, terminal =>
    {
        terminal.Line(new Cell(task.Title, Tone.Strong), $"  {task.Template.Short}, by {task.CreatedBy.Short} {Words.Ago(task.CreatedAt, session.Now)}  ", Words.State(task.Phase));
        if (task.Message is not null)
        {
            terminal.Line(task.Message);
        }

        terminal.Line();
        terminal.Table(
            ["STEP", "ACTION", "PHASE", "TOOK", "NAME"],
            task.Steps.Select(IReadOnlyList<Cell> (step) => [step.Id, step.Action, Words.State(step.Phase), Took(step), step.Name]),
            "It has no steps.");
        foreach (var (title, url) in Links(task.Output))
        {
            terminal.Line(new Cell($"{title}: ", Tone.Strong), url);
        }

        if (task.Left is { } left)
        {
            terminal.Line(new Cell("Left: ", Tone.Strong), $"the repository {string.Join(", ", left.Repositories)}, which goes {left.Until.ToString("d MMM HH:mm", CultureInfo.InvariantCulture)} UTC unless somebody pushes to it; at once: axle task discard {task.Id}");
        }

        if (task.Approval is { } asked)
        {
            terminal.Line(new Cell("Next: ", Tone.Strong), $"axle task approve {task.Id}  ({string.Join(" or ", asked.Approvers.Select(approver => approver.Short))})");
        }
        else if (task.CanRetry)
        {
            terminal.Line(new Cell("Next: ", Tone.Strong), $"{(task.Next is null ? "" : $"{task.Next} Then: ")}axle task retry {task.Id}");
        }
    });

    private static async Task StreamAsync(Session session, string path, Func<TaskLine, Task<bool>>? until, CancellationToken stop)
    {
        await foreach (var item in session.Client.EventsAsync(HttpMethod.Get, path + Paths.Query(("follow", "true")), null, null, null, stop))
        {
            if (JsonSerializer.Deserialize(item.Data, AxleJson.Default.TaskLine) is not { } line)
            {
                continue;
            }

            Write(session, line);
            if (until is not null && await until(line))
            {
                return;
            }
        }
    }

    internal static void Write(Session session, TaskLine line)
    {
        if (session.Format != OutputFormat.Table)
        {
            // The answer is the task itself; the log is for people.
            session.Terminal.Note(JsonSerializer.Serialize(line, AxleJson.Default.TaskLine));
            return;
        }

        var text = LogStream.Coloured(line.Message.ReplaceLineEndings("\n    "));
        session.Host.Out.WriteLine(line.Status switch
        {
            "completed" => session.Terminal.PaintOut($"  ✓ {line.Message}", Tone.Good),
            "failed" => session.Terminal.PaintOut($"  ✗ {line.Message}", Tone.Bad),
            "skipped" => session.Terminal.PaintOut($"  - {line.Message}", Tone.Dim),
            "processing" => $"  · {line.Message}",
            _ => $"    {text}",
        });
    }

    internal static Option<string[]> Secret() => new("--secret") { Description = "A secret that the template asks for; in no log, and forgotten when the task ends", HelpName = "key=value" };

    private static Argument<string> Id() => new("id") { Description = "The task's id: axle task list" };

    private static string Of(string id, string? verb = null) => $"api/tasks/{Uri.EscapeDataString(id)}{(verb is null ? "" : "/" + verb)}";

    private static string Took(TaskStepView step) => step is { StartedAt: { } from, EndedAt: { } to } ? $"{(to - from).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s" : "";

    private static IEnumerable<(string Title, string Url)> Links(JsonElement? output)
    {
        if (output is not { ValueKind: JsonValueKind.Object } given || !given.TryGetProperty("links", out var links) || links.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        foreach (var link in links.EnumerateArray().Where(link => link.ValueKind == JsonValueKind.Object))
        {
            var url = link.TryGetProperty("url", out var address) ? address.ToString() : link.TryGetProperty("entityRef", out var entity) ? entity.ToString() : null;
            if (url is not null)
            {
                yield return (link.TryGetProperty("title", out var title) ? title.ToString() : "Link", url);
            }
        }
    }
}
