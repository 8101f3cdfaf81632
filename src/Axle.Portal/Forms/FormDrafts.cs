using System.Collections.Concurrent;
using System.Security.Cryptography;
using Axle.Contracts;

namespace Axle.Portal.Forms;

/// <summary>
/// Secrets that were typed on a form's earlier page: they stay in the server's memory, for the person who typed them and for an hour,
/// because no page may carry them. A restart forgets them, and the form asks again.
/// </summary>
internal sealed class FormDrafts(TimeProvider clock)
{
    private const int DraftsMax = 2000;
    private static readonly TimeSpan s_kept = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(EntityRef User, string Id), FormDraft> _drafts = new();

    /// <summary>The draft of this id, if it is this person's; else an empty one under a new id.</summary>
    public FormDraft Of(EntityRef user, string? id)
    {
        var now = clock.GetUtcNow();
        if (id is not null && _drafts.TryGetValue((user, id), out var found) && now - found.Begun < s_kept)
        {
            return found;
        }

        return new FormDraft(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), now);
    }

    /// <summary>Keeps a draft that holds something.</summary>
    public void Keep(EntityRef user, FormDraft draft)
    {
        if (draft.Values.IsEmpty)
        {
            return;
        }

        var now = clock.GetUtcNow();
        foreach (var old in _drafts.Where(one => now - one.Value.Begun >= s_kept).Select(one => one.Key).ToList())
        {
            _drafts.TryRemove(old, out _);
        }

        if (_drafts.Count >= DraftsMax && _drafts.OrderBy(one => one.Value.Begun).Select(one => one.Key).FirstOrDefault() is { Id: not null } oldest)
        {
            _drafts.TryRemove(oldest, out _);
        }

        _drafts[(user, draft.Id)] = draft;
    }

    public void Forget(EntityRef user, FormDraft draft) => _drafts.TryRemove((user, draft.Id), out _);
}

/// <summary>What was typed and is never shown, by the question's path.</summary>
public sealed record FormDraft(string Id, DateTimeOffset Begun)
{
    private const int ShortMax = 3;

    public ConcurrentDictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>The text without anything that was typed and may not be shown.</summary>
    public string Hide(string text) => Values.Values.Where(value => value.Length > ShortMax).OrderByDescending(value => value.Length).Aggregate(text, (so, value) => so.Replace(value, "••••", StringComparison.Ordinal));
}
