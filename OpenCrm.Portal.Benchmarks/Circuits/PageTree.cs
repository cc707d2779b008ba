namespace OpenCrm.Portal.Benchmarks.Circuits;

/// <summary>
/// The page that a circuit draws, kept up to date from its render batches as the browser's renderer does it (aspnetcore, Web.JS/src/Rendering/
/// BrowserRenderer.ts). One thread applies, others may look.
/// </summary>
internal sealed class PageTree
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, PageNode> _components = [];

    public void Apply(RenderBatch batch)
    {
        lock (_gate)
        {
            foreach (var (component, edits) in batch.Diffs()) Apply(batch, component, edits);
            foreach (var gone in batch.DisposedComponents()) _components.Remove(gone);
        }
    }

    /// <summary>The field with this label.</summary>
    public PageNode? Field(string label) => Find(page =>
        page.FirstOrDefault(node => node.Attributes.GetValueOrDefault("aria-label") == label && IsField(node))
        ?? page.Where(node => node.Tag == "label" && node.Words() == label)
            .Select(node => page.FirstOrDefault(field => field.Attributes.GetValueOrDefault("id") == node.Attributes.GetValueOrDefault("for")))
            .FirstOrDefault(node => node is not null));

    /// <summary>The button with this name that can be pressed.</summary>
    public PageNode? Button(string name) => Find(page => page.FirstOrDefault(node =>
        node is { Tag: "button", IsDisabled: false } && NameOf(node).Equals(name, StringComparison.Ordinal)));

    /// <summary>The first button whose name begins like this.</summary>
    public PageNode? ButtonLike(string beginning) => Find(page => page.FirstOrDefault(node =>
        node.Tag == "button" && NameOf(node).StartsWith(beginning, StringComparison.Ordinal)));

    public PageNode? Link(string name) => Find(page => page.FirstOrDefault(node => node.Tag == "a" && NameOf(node) == name));

    public PageNode? Named(string name) => Find(page => page.FirstOrDefault(node => node.Attributes.GetValueOrDefault("aria-label") == name));

    /// <summary>The first element with these words in it, also where the server sends it as one piece of markup.</summary>
    public PageNode? Mentioning(string words) => Find(page => page.FirstOrDefault(node => node.Words().Contains(words, StringComparison.Ordinal)));

    public PageNode? Alert() => Find(page => page.FirstOrDefault(node => node.Attributes.GetValueOrDefault("role") == "alert"));

    public PageNode? Find(Func<List<PageNode>, PageNode?> look)
    {
        lock (_gate) return look([.. Roots().SelectMany(root => root.Elements())]);
    }

    /// <summary>What stands on the page, for messages about what was not found.</summary>
    public string Words()
    {
        lock (_gate) return string.Join(" | ", Roots().Select(root => root.Words()));
    }

    private static string NameOf(PageNode node) => node.Attributes.GetValueOrDefault("aria-label") ?? node.Words();

    private static bool IsField(PageNode node) => node.Tag is "input" or "textarea" or "select";

    private IEnumerable<PageNode> Roots() => _components.Values.Where(component => component.Parent is null);

    private void Apply(RenderBatch batch, int component, IReadOnlyList<Edit> edits)
    {
        var parent = Place(component);
        List<(int From, int To)> moves = [];
        foreach (var edit in edits)
            switch (edit.Kind)
            {
                case EditKind.PrependFrame:
                    Insert(batch, component, parent, edit.Sibling, edit.To);
                    break;
                case EditKind.RemoveFrame:
                    parent.Children.RemoveAt(edit.Sibling);
                    break;
                case EditKind.SetAttribute:
                    Set(batch, parent.Children[edit.Sibling], edit.To);
                    break;
                case EditKind.RemoveAttribute:
                    parent.Children[edit.Sibling].Attributes.Remove(edit.Removed!);
                    parent.Children[edit.Sibling].Handlers.Remove(EventOf(edit.Removed!));
                    break;
                case EditKind.UpdateText or EditKind.UpdateMarkup:
                    parent.Children[edit.Sibling].Text = batch.First(edit.To);
                    break;
                case EditKind.StepIn:
                    parent = parent.Children[edit.Sibling];
                    break;
                case EditKind.StepOut:
                    parent = parent.Parent!;
                    break;
                case EditKind.PermutationListEntry:
                    moves.Add((edit.Sibling, edit.To));
                    break;
                case EditKind.PermutationListEnd:
                    Permute(parent, moves);
                    moves.Clear();
                    break;
                default:
                    throw new InvalidOperationException($"The server sent an edit of the unknown kind {edit.Kind}");
            }
    }

    /// <returns>How many children it became: a region stands for what is in it, and what only names its parent for none.</returns>
    private int Insert(RenderBatch batch, int component, PageNode parent, int at, int frame)
    {
        switch (batch.Kind(frame))
        {
            case FrameKind.Element:
                var element = Add(parent, at, new() { Tag = batch.Second(frame), Component = component });
                var inside = frame + 1;
                for (; inside < frame + batch.Length(frame) && batch.Kind(inside) == FrameKind.Attribute; inside++) Set(batch, element, inside);
                InsertAll(batch, component, element, 0, inside, frame + batch.Length(frame));
                return 1;
            case FrameKind.Text:
                Add(parent, at, new() { Text = batch.First(frame), Component = component });
                return 1;
            case FrameKind.Markup:
                Add(parent, at, new() { Text = batch.First(frame), IsMarkup = true, Component = component });
                return 1;
            case FrameKind.Component:
                Add(parent, at, Place(batch.Component(frame)));
                return 1;
            case FrameKind.Region:
                return InsertAll(batch, component, parent, at, frame + 1, frame + batch.Length(frame));
            default:
                return 0;
        }
    }

    private int InsertAll(RenderBatch batch, int component, PageNode parent, int at, int from, int until)
    {
        var before = at;
        for (var frame = from; frame < until; frame += batch.Length(frame)) at += Insert(batch, component, parent, at, frame);
        return at - before;
    }

    private static PageNode Add(PageNode parent, int at, PageNode node)
    {
        node.Parent = parent;
        parent.Children.Insert(at, node);
        return node;
    }

    private static void Set(RenderBatch batch, PageNode element, int frame)
    {
        var name = batch.First(frame);
        if (batch.Handler(frame) is var handler and not 0) element.Handlers[EventOf(name)] = handler;
        // An attribute without a value is one that is there: disabled, checked.
        else element.Attributes[name] = batch.Second(frame) ?? "";
    }

    private static string EventOf(string attribute) => attribute.StartsWith("on", StringComparison.Ordinal) ? attribute[2..] : attribute;

    private static void Permute(PageNode parent, List<(int From, int To)> moves)
    {
        var moved = moves.ConvertAll(move => (move.To, Node: parent.Children[move.From]));
        foreach (var (to, node) in moved) parent.Children[to] = node;
    }

    private PageNode Place(int component)
    {
        if (!_components.TryGetValue(component, out var place)) _components[component] = place = new() { Component = component };
        return place;
    }
}
